PRAGMA user_version=1;
BEGIN TRANSACTION;
CREATE TABLE durations (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    class TEXT NOT NULL,
    command TEXT NOT NULL,
    seconds REAL NOT NULL,
    at REAL NOT NULL
);
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
INSERT INTO "layout_panes" VALUES(1,1,0,'terminal','','','','','/home/ada/api','','none','','','[]','[]','{}','[]','');
INSERT INTO "layout_panes" VALUES(1,3,17,'claude','opus','anthropic','Fix login','n','/home/ada/api','feat/login','worktree','/home/ada/wt','main','["review"]','["files"]','{"LEVEL": "2", "API_KEY": null}','["htop"]','b1c2');
INSERT INTO "layout_panes" VALUES(2,1,0,'terminal','','','','','/home/ada/web','','none','','','[]','[]','{}','[]','');
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
INSERT INTO "layouts" VALUES(1,'/home/ada/api','named','mine',0,1,'manual',1795176000.0,2,1,0,3,'[{"id": "t1", "title": "Fix"}]',0);
INSERT INTO "layouts" VALUES(2,'/home/ada/web','autosave','autosave',1795176000000000,1,'manual',1795176000.0,1,1,0,NULL,'[]',0);
CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL
);
INSERT INTO "lines" VALUES(1,'/send @all echo it''s here; really');
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('window','{"x": 10, "y": 20, "width": 1280, "height": 800, "is_maximized": false}');
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
INSERT INTO "notifications" VALUES(1,'session.waits','warning','api waits','for you',17,'/home/ada/api',1795176000.0,2,0);
CREATE TABLE projects (
    path TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    mode TEXT NOT NULL DEFAULT 'manual',
    last_opened REAL NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO "projects" VALUES('/home/ada/api','api-03aad5fb','api','manual',1795176000.0,0);
INSERT INTO "projects" VALUES('/home/ada/web','web-79a78d3b','web','manual',1795176000.0,0);
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
CREATE TABLE review_events (
    id INTEGER PRIMARY KEY,
    review TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
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
INSERT INTO "sessions" VALUES(17,'/home/ada/api','claude','','',1795176000.0,1795176000.0,3,NULL,0,0.0,'');
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
INSERT INTO "starts" VALUES(1795176000000000,1795176000.0,4711,'0c5a1a53-boot','0.1.0',NULL,0,0);
CREATE TABLE stats (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    day TEXT NOT NULL,
    sessions INTEGER NOT NULL DEFAULT 0,
    tasks_done INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    worked_s REAL NOT NULL DEFAULT 0
);
INSERT INTO "stats" VALUES(1,'/home/ada/api','2026-11-20',1,0,0.0,0.0);
INSERT INTO "stats" VALUES(2,'/home/ada/api','2026-11-20',0,0,0.0,60.0);
INSERT INTO "stats" VALUES(3,'/home/ada/api','2026-11-20',0,1,0.0,0.0);
INSERT INTO "stats" VALUES(4,'/home/ada/api','2026-11-20',0,0,0.25,0.0);
CREATE TABLE tabs (
    position INTEGER PRIMARY KEY,
    project TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL DEFAULT 0,
    view TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO "tabs" VALUES(0,'/home/ada/api',0,'{"sidebar.folded": ["skills"]}');
INSERT INTO "tabs" VALUES(1,'/home/ada/web',1,'{}');
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
CREATE INDEX starts_unclean ON starts (clean, dismissed);
CREATE INDEX projects_recent ON projects (last_opened);
CREATE INDEX layouts_by_start ON layouts (start);
CREATE INDEX sessions_of_project ON sessions (project, agent);
CREATE INDEX stats_by_day ON stats (day, project);
CREATE INDEX notifications_by_time ON notifications (at);
CREATE INDEX reviews_of_project ON reviews (project, state);
CREATE INDEX comments_of_review ON review_comments (review);
CREATE INDEX events_of_review ON review_events (review);
CREATE INDEX events_of_task ON task_events (project, task);
CREATE INDEX usage_by_day ON usage (project, day);
CREATE INDEX durations_of_command ON durations (project, class, command);
COMMIT;
