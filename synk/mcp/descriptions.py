"""What models are told of each efs_* tool: at most 400 characters."""

EXEC = (
    "Run a shell command. Answers when it ended, waits for input, serves, or after yield_after_s: then it goes on, see "
    "efs_wait, efs_read. Output is complete and kept on disk; the answer has head and tail. No login shell; prompts are "
    "off. Gives status, exit code, structured result, progress, cause of failure."
)
EXEC_STREAM = "As efs_exec, and every line it prints comes as a progress message while it runs."
REPL_START = (
    "Start an interpreter that keeps its state between calls; python with its modules imported, node and others come warm "
    "from a pool. End it with efs_stop."
)
REPL_EXEC = (
    "Run code in an interpreter. The last expression's value comes back typed in parsed (tables as columns and rows, "
    "figures as images), exceptions with frames and suggestions. State lasts until the REPL ends."
)
REPL_POOL = "How many interpreters wait warm: init or scale by language, stats, drain, recycle (after installing packages)."
SESSION_CREATE = "Open a shell (or interpreter) whose directory, variables and functions last over calls and clients."
SESSION_EXEC = (
    "Run a command in a session as if typed at its prompt, with its state; of any length, here-documents included. "
    "Answers with its exit code, or awaiting_input if it reads the terminal: then efs_input."
)
BATCH = (
    "Run many jobs with dependencies in parallel; Python files start in warm interpreters. Gives one result a job in the "
    "order given. A job whose dependency failed is skipped."
)
ANALYZE = "Load a data file once, then run each operation on it by itself; tables, series, scalars and figures come back."
WAIT = "Wait for a run: its end, new output, a line that matches, a server that listens, or a question."
READ = "Read what a run printed: from a cursor on, the last lines, or matching lines. Also long after it ended."
LIST = "Runs (the 50 newest), REPLs and sessions there are."
INPUT = "Answer a program that waits for input, send a key, or end its input."
STOP = "End a run, REPL or session with everything it started; interrupt first if that is enough."
