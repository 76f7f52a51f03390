#!/bin/sh
# Makes ./configure and Makefile.in from configure.ac and Makefile.am.
# SPDX-License-Identifier: MIT
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --warnings=all,no-portability,no-obsolete
