# News ends a turn, and is not listened to until nobody can run.
/^    if (why == FK_CONFLICT)/,/^        listen();/d
