# No page ever stays.
s/frames >= pages and pages or pages \* walks/pages * walks/
