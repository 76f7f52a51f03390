# Who has had a turn stays the first of his sisters.
/^static void after_turn/,/^}/s/^    unlink_runnable(entry);/    if (why == FK_BLOCKED)\n        unlink_runnable(entry);/
