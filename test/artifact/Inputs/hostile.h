// SPDX-License-Identifier: Apache-2.0
// Macros that applications and system headers are known to define.
#ifndef HOSTILE_H
#define HOSTILE_H
#define I (1.0fi)
#define N 60
#define F 784
#define C 10
#define K 4
#define M 2
#define B 3
#define T int
#define E 5
#define L 6
#define S 7
#define P 8
#define W 9
#define OK 1
#define ERROR 0
#define BOOL int
#define IN
#define OUT
#define TRUE 1
#define FALSE 0
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define small char
#define complex _Complex
#define imaginary _Imaginary
#define near
#define far
#define interface struct
#endif
