// SPDX-License-Identifier: Apache-2.0
// Includes every public header under the macros of a hostile application; C and C++.
#define I (1.0fi)
#define N 60
#define F 784
#define M 2
#define B 3
#define T int
#define E 5
#define L 6
#define S 7
#define P 8
#define _N 1
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define abs(a) ((a) < 0 ? -(a) : (a))
#define OK 1
#define ERROR 0
#define BOOL int
#define IN
#define OUT
#define small char
#define near
#define far
#define interface struct
#define i j
#define x y
#define unix 1
#define linux 1
#define w 2.5
#define b 0.5
#define m 3
#define k 4
#define data 5
#define error 6
#define check(e) (e)
#define assert(e) (e)

#include <thx/hosted.h>
#include <thx/object.h>
#include <thx/thx.h>

// A second time, in another order: nothing changes.
#include <thx/hosted.h>
#include <thx/thx.h>

static int take(void* user, const void* bytes, size_t count) { return user == bytes && count == 0; }

thx_status try_all(thx_exec* ex);

thx_status try_all(thx_exec* ex) {
  thx_error place = {THX_OK, 0, 0, 0, 0};
  thx_init opts = {(uint32_t)sizeof(thx_init), 0, 1, NULL, 0};
  thx_write_fn writer = take;
  thx_status status = THX_OK;
  ex->size = (uint32_t)sizeof *ex;
  ex->err = &place;
  if (thx_check_init(&opts) != THX_OK || writer(NULL, ex, 1) != 0) status = THX_E_IO;
  if (thx_check_exec(ex) == THX_E_ABI) status = THX_E_DIM;
  switch (status) {
    case THX_OK: return thx_cpu_level() > 0 ? THX_OK : THX_E_DEVICE;
    case THX_E_IO:
    default: return status;
  }
}
