// SPDX-License-Identifier: Apache-2.0
// thxc: the command line.
#include "driver/command_line.h"

int main(int argc, char** argv) { return thx::run_command_line(argc, argv); }
