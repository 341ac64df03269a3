// SPDX-License-Identifier: Apache-2.0
Rule rules[] = {{Op::add, Op::mul}};
