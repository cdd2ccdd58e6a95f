"""Plan and apply 2,000 contactless users over 200 accounts; print seconds, requests and peak memory of each command.

Run by `make bench`. The figures depend on the machine; the requests do not.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USERS, ACCOUNTS = 2_000, 200
SFREC = str(Path(sys.executable).parent / "sfrec")


def write_world(project: Path) -> Path:
    """The desired state, a file an account, and the seed of the org that it is for."""
    seed = {
        "organization": {"Name": "Benchmark"},
        "UserLicense": [
            {"Name": "Salesforce", "TotalLicenses": 10},
            {"Name": "External Identity", "TotalLicenses": USERS},
            {"Name": "Customer Community Plus", "TotalLicenses": USERS},
        ],
        "Profile": [
            {"Name": "System Administrator", "UserLicense": "Salesforce"},
            {"Name": "Team Identity", "UserLicense": "External Identity"},
            {"Name": "Team Plus", "UserLicense": "Customer Community Plus"},
        ],
        "UserRole": [{"Name": "CEO"}],
        "User": [
            {
                "Username": "admin@bench.example",
                "LastName": "Admin",
                "Email": "admin@bench.example",
                "Profile": "System Administrator",
                "UserRole": "CEO",
            },
            *(
                {
                    "Username": username(number),
                    "FirstName": "User",
                    "LastName": f"Number {number}",
                    "Email": username(number),
                    "Profile": "Team Identity",
                }
                for number in range(USERS)
            ),
        ],
        "Account": [{"Name": f"Account {n:03}", "Owner": "admin@bench.example"} for n in range(ACCOUNTS)],
    }
    users = project / "desired" / "users"
    users.mkdir(parents=True)
    for account in range(ACCOUNTS):
        documents = [
            f"user: {username(number)}\naccount: Account {account:03}\ncontact:\n  FirstName: User\n"
            f"  LastName: Number {number}\n  Email: {username(number)}\nlicense: Customer Community Plus\n"
            f"profile: Team Plus\nrole: {'Manager' if number < ACCOUNTS else 'User'}\n"
            for number in range(account, USERS, ACCOUNTS)
        ]
        (users / f"account-{account:03}.yaml").write_text("---\n".join(documents), encoding="utf-8")
    path = project / "org.json"
    path.write_text(json.dumps(seed), encoding="utf-8")
    return path


def username(number: int) -> str:
    """The Username of one of the users."""
    return f"user{number:05}@account{number % ACCOUNTS:03}.example"


def measured(project: Path, log: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run one command; its row of the table."""
    before = len(log.read_text(encoding="utf-8").splitlines())
    started = time.perf_counter()
    with subprocess.Popen([SFREC, *arguments], cwd=project, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    requests = len(log.read_text(encoding="utf-8").splitlines()) - before
    return (
        f"{' '.join(arguments):<28} {process.returncode:>4} {seconds:>8.2f} {usage.ru_utime + usage.ru_stime:>8.2f} "
        f"{requests:>9} {usage.ru_maxrss / 1024:>9.0f}"
    )


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        log = project / "access.jsonl"
        log.touch()
        command = [SFREC, "simulate", "serve", "--port", "0", "--state", str(project / "org.db")]
        command += ["--access-log", str(log), "--seed", str(write_world(project))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            first = json.loads(server.stdout.readline())
            environment = {
                **os.environ,
                "SFREC_INSTANCE_URL": first["instance_url"],
                "SFREC_ACCESS_TOKEN": first["access_token"],
            }
            print(f"{USERS} users over {ACCOUNTS} accounts")
            print(f"{'command':<28} {'exit':>4} {'seconds':>8} {'cpu':>8} {'requests':>9} {'peak MB':>9}")
            for arguments in (["validate"], ["plan"], ["apply", "--yes"], ["plan"], ["apply", "--yes"]):
                print(measured(project, log, environment, *arguments), flush=True)
            server.terminate()


if __name__ == "__main__":
    main()
