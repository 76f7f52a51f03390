#!/bin/sh
# Each lab's start gets the points that it should, its solution all, each typical mistake exactly what it deserves; graded
# twice, with one process and with two, everything is the same byte for byte; a student's `lab check` says what the grader says.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
test -x "$flatfish" && test ! "$flatfish" -ef "$srcdir/flatfish" || { echo "no flatfish is built here"; exit 77; }
[ -d "$srcdir/labs/teacher" ] || { echo "the teacher's package is not here"; exit 77; }
export FLATFISH_CACHE="$work/cache"

# wrong FROM TO: a mistake is the solution with NAME.sed applied to file NAME, or with files of its own.
wrong() {
    cp -r "$2" "$3"
    for edit in "$1"/*; do
        name=${edit##*/}
        case $name in
        points) ;;
        *.sed)
            sed -f "$edit" "$2/${name%.sed}" >"$3/${name%.sed}"
            check "$1/$name changes something" fails cmp -s "$2/${name%.sed}" "$3/${name%.sed}"
            ;;
        *) cp "$edit" "$3" ;;
        esac
    done
}
fails() { ! "$@"; }

# deserved FILE NAME: the points of NAME in points.csv are full but for the lines `check = points` of FILE.
deserved() {
    lua5.4 - points.csv "$1" "$2" full <<'X'
local function rows(path)
    local out, head = {}, nil
    for line in io.lines(path) do
        local cells = {}
        for cell in line:gmatch("[^,]+") do cells[#cells + 1] = cell end
        if not head then head = cells else
            local row = {}
            for i, name in ipairs(head) do row[name] = cells[i] end
            out[row.student] = row
        end
    end
    return out, head
end
local all, head = rows(arg[1])
local wanted, row, bad = {}, all[arg[3]], false
for line in arg[2] ~= "" and io.lines(arg[2]) or function() end do
    local id, points = line:match("^([%w_-]+) = (%d+)$")
    if not id or not all.solution[id] then print("not understood: " .. line) bad = true else wanted[id] = points end
end
for _, id in ipairs(head) do
    if id ~= "student" and id ~= "points" and id ~= "of" then
        local should = wanted[id] or all.solution[id]
        if row[id] ~= should then print(("    %s, %s: %s points, not %s"):format(arg[3], id, row[id], should)) bad = true end
    end
end
os.exit(not bad)
X
}

# LABS=04-state: that one alone.
for folder in "$srcdir"/labs/${LABS:-[0-9]*}; do
    lab=${folder##*/} number=${lab%%-*}
    teacher=$srcdir/labs/teacher/$lab
    mkdir "$lab" && cd "$lab" || exit 1
    ends 0 "$flatfish" lab start "$number" start
    if [ -d "$teacher/solution" ]; then
        cp -r "$teacher/solution" solution
    elif [ -f "$teacher/solution.from" ]; then # it is a part of Flatfish itself
        mkdir solution
        cp "$srcdir/$(cat "$teacher/solution.from")" solution
    else
        mkdir solution scratch
        (cd scratch && sh "$teacher/answers.sh" "$flatfish") >solution/answers.txt
    fi
    list="start solution"
    for mistake in "$teacher"/wrong/*; do
        wrong "$mistake" solution "${mistake##*/}"
        list="$list ${mistake##*/}"
    done
    check "$lab has three mistakes" test "$(echo $list | wc -w)" -ge 5
    ends 0 "$flatfish" grade "$number" $list --csv points.csv --reports reports -j 2
    check "$lab: no report speaks of what is not there" fails grep -rqE "nil was|'nil'" reports
    check "$lab: what only waits for another property has no picture" \
        sh -c "! grep -A2 'this counts when' reports/*.md | grep -q '!\['"
    check "$lab: the solution gets all points" sh -c "grep -q '^solution,.*,100,100\$' points.csv"
    check "$lab: the start gets what it should" deserved "$teacher/start.points" start
    for mistake in "$teacher"/wrong/*; do
        check "$lab: ${mistake##*/} gets what it deserves" deserved "$mistake/points" "${mistake##*/}"
    done
    for again in one two; do # what two processes found is kept; one finds the same by itself, of what holds and what does not
        [ $again = one ] && how= || how='-j 1 --fresh'
        ends 0 "$flatfish" grade "$number" "${mistake##*/}" --csv $again.csv --json $again.json --junit $again.xml $how
    done
    for kind in csv json xml; do check "$lab: the same again, $kind" cmp one.$kind two.$kind; done
    cp solution/* start
    ends 0 "$flatfish" lab check start
    check "$lab: the student sees all points" grep -qx '100 of 100 points' out
    ends 0 "$flatfish" lab submit start
    ends 0 "$flatfish" grade "$number" start/start.tar.gz --csv packed.csv --reports reports
    check "$lab: what is handed in gets them, too" grep -q ',100,100$' packed.csv
    check "$lab: and no picture of what failed before" fails grep -q '!\[' reports/start.md
    cd ..
done
report
