"""What `state.db` holds: one function per version, each leading to the next (04-persistence.md, sections 4 and 10).

A step is never changed once a release has it: a new table or column is a new step. Times are Unix times in seconds, flags
0 or 1, lists and tables JSON. `project` is the resolved path of a folder and refers to no row: forgetting a project in the
list of recent ones must not take its layouts, reviews and numbers along.
"""

import sqlite3

_FIRST = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Starts of the program: one that is not clean and whose process is gone ended unexpectedly.
CREATE TABLE starts (
    id INTEGER PRIMARY KEY,
    started_at REAL NOT NULL,
    pid INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    version TEXT NOT NULL,
    ended_at REAL,
    clean INTEGER NOT NULL DEFAULT 0,
    dismissed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX starts_unclean ON starts (clean, dismissed);

CREATE TABLE projects (
    path TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    mode TEXT NOT NULL DEFAULT 'manual',
    last_opened REAL NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX projects_recent ON projects (last_opened);

CREATE TABLE tabs (
    position INTEGER PRIMARY KEY,
    project TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL DEFAULT 0,
    view TEXT NOT NULL DEFAULT '{}'
);

-- `start` is 0 for layouts with a name, and the start that wrote it for what is saved by itself.
CREATE TABLE layouts (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('named', 'autosave')),
    name TEXT NOT NULL,
    start INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    mode TEXT NOT NULL,
    saved_at REAL NOT NULL,
    cols INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    page INTEGER NOT NULL,
    selected INTEGER,
    tasks TEXT NOT NULL DEFAULT '[]',
    is_settled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project, kind, name, start)
);
CREATE INDEX layouts_by_start ON layouts (start);
CREATE TABLE layout_panes (
    layout INTEGER NOT NULL REFERENCES layouts (id) ON DELETE CASCADE,
    pane INTEGER NOT NULL,
    session INTEGER NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    title TEXT NOT NULL,
    note TEXT NOT NULL,
    working_dir TEXT NOT NULL,
    branch TEXT NOT NULL,
    isolation TEXT NOT NULL,
    worktree TEXT NOT NULL,
    base TEXT NOT NULL,
    skills TEXT NOT NULL,
    mcp_servers TEXT NOT NULL,
    variables TEXT NOT NULL,
    argv TEXT NOT NULL,
    agent_session TEXT NOT NULL,
    PRIMARY KEY (layout, pane)
) WITHOUT ROWID;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    branch TEXT NOT NULL DEFAULT '',
    started_at REAL NOT NULL,
    ended_at REAL,
    exit_code INTEGER,
    exit_signal INTEGER,
    tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    task TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_of_project ON sessions (project, agent);

-- Append only: a row is what was added to the numbers of a day. `day` is the user's own date, YYYY-MM-DD.
CREATE TABLE stats (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    day TEXT NOT NULL,
    sessions INTEGER NOT NULL DEFAULT 0,
    tasks_done INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    worked_s REAL NOT NULL DEFAULT 0
);
CREATE INDEX stats_by_day ON stats (day, project);

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT '',
    session INTEGER,
    project TEXT NOT NULL DEFAULT '',
    at REAL NOT NULL,
    count INTEGER NOT NULL DEFAULT 1,
    read INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notifications_by_time ON notifications (at);

CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL
);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    base TEXT NOT NULL,
    worktree TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    head TEXT NOT NULL DEFAULT '',
    base_commit TEXT NOT NULL DEFAULT '',
    strategy TEXT NOT NULL DEFAULT '',
    session INTEGER,
    agent TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '',
    opened_at REAL NOT NULL,
    updated_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX reviews_of_project ON reviews (project, state);
CREATE TABLE review_comments (
    id TEXT PRIMARY KEY,
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    resolved INTEGER NOT NULL DEFAULT 0,
    outdated INTEGER NOT NULL DEFAULT 0,
    "commit" TEXT NOT NULL,
    path TEXT NOT NULL,
    side TEXT NOT NULL,
    line INTEGER,
    line_text TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX comments_of_review ON review_comments (review);
CREATE TABLE review_events (
    id INTEGER PRIMARY KEY,
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_of_review ON review_events (review);

CREATE TABLE trash (
    ref TEXT NOT NULL,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    worktree TEXT NOT NULL,
    files TEXT NOT NULL DEFAULT '[]',
    removed_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (project, ref)
) WITHOUT ROWID;

CREATE TABLE task_events (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    task TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    at REAL NOT NULL,
    session INTEGER,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_of_task ON task_events (project, task);

CREATE TABLE usage (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    project TEXT NOT NULL,
    branch TEXT NOT NULL DEFAULT '',
    session INTEGER NOT NULL,
    task TEXT NOT NULL DEFAULT '',
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL,
    mark TEXT NOT NULL,
    UNIQUE (session, task, branch, model, day)
);
CREATE INDEX usage_by_day ON usage (project, day);

CREATE TABLE durations (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    class TEXT NOT NULL,
    command TEXT NOT NULL,
    seconds REAL NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX durations_of_command ON durations (project, class, command);
"""


def first(connection: sqlite3.Connection) -> None:
    """Version 1: everything Synk began with."""
    # Statement by statement: `executescript` would commit the transaction the step runs in.
    for statement in filter(str.strip, _FIRST.split(";")):
        connection.execute(statement)


STEPS = (first,)
"""`STEPS[n]` leads from version n to n + 1."""
