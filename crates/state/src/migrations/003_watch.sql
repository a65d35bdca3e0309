-- Rules on the real clock: what has to be looked at, what was, what it found, and where that has to go.
-- Times are ticks of 100 ns since the year 1, UTC.

CREATE TABLE rule (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- When it was first there.
    added INTEGER NOT NULL,
    -- Whether it is among the rules that are watched with.
    is_there INTEGER NOT NULL,
    -- Nothing, `somebody`, or `failures`: why it does not run.
    disabled_by TEXT,
    -- The last run of its schedule that is in the account: all before it are as well.
    covered INTEGER,
    -- Lasting failures in a row, and the reason of the last one.
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT
) STRICT;

-- Runs of a rule that see something nobody has looked at yet: from the first to the last, both included.
CREATE TABLE pending (
    rule TEXT NOT NULL REFERENCES rule (id) ON DELETE CASCADE,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_of_rule ON pending (rule);

CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    -- The runs of the schedule that were looked at together: from the first to the last.
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    -- `done`, `late` if what they saw came after their time or nobody was there, `nothing` if there was
    -- nothing new to see, `failed`.
    status TEXT NOT NULL,
    alerts INTEGER NOT NULL,
    suppressed INTEGER NOT NULL,
    -- What the rule took by itself, in milliseconds.
    took_ms INTEGER NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX run_of_rule ON run (rule, number);

CREATE TABLE incident (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    status TEXT NOT NULL,
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    classification TEXT NOT NULL DEFAULT '',
    classification_reason TEXT NOT NULL DEFAULT '',
    classification_comment TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT '[]',
    modified_by TEXT NOT NULL,
    -- All of it, as the crate `sentinel` has it.
    body TEXT NOT NULL
) STRICT;
CREATE INDEX incident_of_rule ON incident (rule, number);

CREATE TABLE comment (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    incident INTEGER NOT NULL REFERENCES incident (number),
    time INTEGER NOT NULL,
    author TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE INDEX comment_of_incident ON comment (incident);

CREATE TABLE alert (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- When it happened, and when it was raised.
    time INTEGER,
    raised INTEGER NOT NULL,
    -- The exception that sets it aside.
    suppressed_by TEXT,
    incident INTEGER REFERENCES incident (number),
    -- All of it, as `quarry hunt --format jsonl` writes it.
    body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_of_incident ON alert (incident);
CREATE INDEX alert_of_rule ON alert (rule, number);

-- What has to go somewhere, until it has.
CREATE TABLE delivery (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sink TEXT NOT NULL,
    -- Under which the sink takes it once.
    identity TEXT NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    error TEXT,
    delivered INTEGER,
    UNIQUE (sink, identity)
) STRICT;
CREATE INDEX delivery_left ON delivery (next_try) WHERE delivered IS NULL;

CREATE TABLE exception (
    id TEXT PRIMARY KEY,
    -- A line of a watchlist of exceptions.
    line TEXT NOT NULL,
    created INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    -- When it was taken back.
    ended INTEGER
) STRICT;
