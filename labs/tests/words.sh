#!/bin/sh
# `flatfish lab check|build|submit` find the same folder by its name, by the lab's number or name, or from inside it; where they cannot know, one
# line says so; exit codes tell a CI server what it asks for. SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" || { echo "no flatfish is built here"; exit 77; }
export FLATFISH_CACHE="$work/cache"
lab() { "$flatfish" lab "$@"; }

ends 0 lab list
check "eight labs are listed" test "$(grep -c '100 points$' out)" = 8
one_line 2 "start which one" lab start
one_line 2 "there is no lab '9'" lab start 9
one_line 2 "none of list, start" lab begin 0

ends 0 lab start 0
one_line 1 "lab0 is there already" lab start 0
# Each way to name it: the same answer, of the same lab.
for word in lab0 ./lab0/ 0 00 look 00-look; do
    ends 0 lab check "$word" --only total
    check "check $word is of lab 0, and says where" grep -q '^Lab 0: Look (\(./\)\?lab0)$' out
done
for word in "" . 0 look; do
    ends 0 sh -c 'cd lab0 && "$1" lab check $2 --only total' sh "$flatfish" "$word"
    check "check '$word' inside it is of lab 0" grep -qx 'Lab 0: Look' out
done
one_line 1 "lab 3 is not begun here" lab check 3
one_line 1 "lab 3 is not begun here" sh -c 'cd lab0 && "$1" lab check 3' sh "$flatfish"
one_line 1 "this folder has no lab.txt" lab check
one_line 1 "neither a folder nor a lab 'nowhere'" lab check nowhere
mkdir empty
one_line 1 "empty has no lab.txt" lab check empty
one_line 1 "elsewhere/lab0 has no lab.txt" lab check elsewhere/lab0

# A lab in a folder of another name: found while it is the only one.
ends 0 lab start memory mine
ends 0 lab submit 3
check "what is handed in has the folder's name" test -f mine/mine.tar.gz
ends 0 lab start memory again
one_line 1 "lab 3 is in several folders: name one of again, mine" lab submit 3
ends 0 lab submit again
ends 0 lab start 3
ends 0 lab submit memory
check "the usual folder comes first" test -f lab3/lab3.tar.gz
ends 0 lab start 2 3
ends 0 lab submit 3
check "a folder that is there comes before a lab's number" test -f 3/3.tar.gz

# Points and exit codes.
ends 0 lab check 0 --only total --min 0
one_line 1 "0 points are fewer than the 10 of --min" lab check 0 --only total --min 10
one_line 2 "there is no property 'nothing'" lab check 0 --only nothing
one_line 2 "101" lab check 0 --min 101
ends 0 "$flatfish" grade 0 lab0 --min 0
one_line 1 "1 of 1 submissions have fewer than the 1 points of --min" "$flatfish" grade 0 lab0 --min 1
report
