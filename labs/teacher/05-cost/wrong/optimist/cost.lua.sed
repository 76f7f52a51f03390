# Each page comes once.
s/frames >= pages and pages or pages \* walks/pages/
