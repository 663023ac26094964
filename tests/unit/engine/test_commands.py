"""What kind of command a line is."""

from pathlib import Path

import pytest

from synk.engine.classes import Classes, load_classes
from synk.engine.commands import recognise

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")


@pytest.mark.parametrize(
    ("line", "cls"),
    [
        ("pip install x", "pip"),
        ("/usr/bin/python3.11 -m pip install -r r.txt", "pip"),
        ("sudo -E -u me env -u B A=1 pip3.11 --no-input install x", "pip"),
        ("uv pip install x", "pip"),
        ("pip list", "generic"),
        ("npm ci", "npm"),
        ("npm --prefix web install", "npm"),
        ("yarn", "npm"),
        ("bun add x", "npm"),
        ("npm run build", "builds"),
        ("npm test", "tests"),
        ("npm run dev", "server"),
        ("yarn jest", "tests"),
        ("npx -y jest@29 a.test.js", "tests"),
        ("git -C x -c a.b=c clone u", "git"),
        ("git status", "git-local"),
        ("git diff --stat", "compare"),
        ("python -m pytest -q", "pytest"),
        ("uv run --with x pytest", "pytest"),
        ("poetry run pytest", "pytest"),
        ("tox", "pytest"),
        ("cargo +nightly build", "cargo"),
        ("apt-get -y install x", "apt"),
        ("dpkg -i a.deb", "apt"),
        ("docker build .", "containers"),
        ("docker compose up -d", "containers"),
        ("docker compose up", "server"),
        ("docker ps", "containers-local"),
        ("docker exec -it a sh", "interactive"),
        ("make -j4", "native"),
        ("gcc-12 a.c", "native"),
        ("tsc", "builds"),
        ("tsc --watch", "server"),
        ("./gradlew build", "builds"),
        ("go test ./...", "tests"),
        ("python a.py", "python"),
        ("python -c 'print(1)'", "python"),
        ("echo 'print(1)' | python", "python"),
        ("python -um module", "python"),
        ("uv run a.py", "python"),
        ("python", "interactive"),
        ("python -i a.py", "interactive"),
        ("python -m http.server 80", "server"),
        ("python manage.py runserver", "server"),
        ("curl -O u", "curl"),
        ("rsync -a a b", "download"),
        ("terraform apply", "deploy"),
        ("flask --app a run", "server"),
        ("npx vite", "server"),
        ("vite build", "builds"),
        ("vim a", "interactive"),
        ("ssh host", "interactive"),
        ("ssh -p 22 host ls", "generic"),
        ("psql -c 'select 1'", "generic"),
        ("psql < dump", "generic"),
        ("psql", "interactive"),
        ("bash", "interactive"),
        ("bash run.sh", "generic"),
        ("sh -c 'sh -c \"pip install x\"'", "pip"),
        ("nohup timeout -s KILL 5 nice -n 3 stdbuf -oL make", "native"),
        ("time command make", "native"),
        ("command -v make", "generic"),
        ("x=$(pip install y)", "pip"),
        ("find . | xargs -n1 grep x", "compare"),
        ("conda run -n a python b.py", "python"),
        ("conda install x", "deploy"),
        ("node a.js", "node"),
        ("node", "interactive"),
        ("Rscript a.R", "r"),
        ("R", "interactive"),
        ("ls -la", "generic"),
        ("cat <<EOF > f\npip install x\nEOF", "generic"),
    ],
)
def test_a_command_is_recognised(line: str, cls: str) -> None:
    assert recognise(line, SHIPPED).cls.name == cls


def test_a_line_that_cannot_be_lexed_is_generic() -> None:
    found = recognise("pip install 'x", SHIPPED)
    assert (found.cls.name, found.program, found.cls.idle_s, found.cls.hard_s) == ("generic", "", 60, 120)


def test_in_a_list_the_longest_limit_decides() -> None:
    found = recognise("pip install a && make && grep x y", SHIPPED)
    assert (found.cls.name, found.program) == ("native", "make")
    assert (found.cls.idle_s, found.cls.hard_s) == (600, 7200)
    assert found.cls.variables["PIP_REPORT"] == "{report}"
    assert found.cls.normal_codes == (0, 1)
    assert recognise("cd web && npm run dev", SHIPPED).cls.hard_s is None


def test_of_equal_limits_the_last_program_gives_the_name() -> None:
    assert recognise("cat a; false", SHIPPED).program == "false"


def test_all_programs_are_named_wrappers_too() -> None:
    found = recognise("cd a && sudo env A=1 python -m pip install b | tee log", SHIPPED)
    assert found.names == ("cd", "sudo", "env", "python", "pip", "tee")
    assert found.has_program("pip")
    assert found.has_program("pyth*")
    assert not found.has_program("npm")


def test_words_of_one_program_are_taken_as_they_are() -> None:
    found = recognise(["/usr/bin/git", "clone", "a;b"], SHIPPED)
    assert (found.cls.name, found.words) == ("git", ("clone", "a;b"))
    assert recognise([], SHIPPED).cls.name == "generic"


def test_the_label_holds_no_paths_and_no_secrets() -> None:
    assert recognise("A=1 /a/b/make -C /tmp/x7 all", SHIPPED).label == "make -C x7 all"
    assert recognise("curl --user-token=abc https://u:p@host/f", SHIPPED).label == "curl --user-token=... f"
    assert recognise("curl -u me:pw -H 'Authorization: x' https://host/f", SHIPPED).label == "curl -u ... -H ... f"
    assert len(recognise("echo " + "x" * 1000, SHIPPED).label) <= 200


def test_the_limits_are_those_of_the_specification() -> None:
    limits = {cls.name: (cls.idle_s, cls.hard_s) for cls in SHIPPED}
    assert limits["pip"] == (120, 1800)
    assert limits["npm"] == (180, 1800)
    assert limits["git"] == (120, 3600)
    assert limits["pytest"] == (300, 3600)
    assert limits["cargo"] == (600, 3600)
    assert limits["apt"] == (180, 3600)
    assert limits["containers"] == (300, 7200)
    assert limits["native"] == (600, 7200)
    assert limits["builds"] == limits["tests"] == (300, 3600)
    assert limits["python"] == (120, 600)
    assert limits["download"] == limits["curl"] == (60, 7200)
    assert limits["deploy"] == (300, 7200)
    assert limits["server"] == limits["interactive"] == (None, None)
    assert limits["generic"] == (60, 120)
    from_life = {cls.name for cls in SHIPPED if cls.hard_from_life}
    assert from_life == {"generic", "python", "node", "r", "compare", "git-local", "containers-local"}


def test_no_class_leaves_everything_generic() -> None:
    assert recognise("pip install x", Classes(())).cls.name == "generic"
