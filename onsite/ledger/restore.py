"""Back from an archive: checked to the last byte first, and never a file outside of the course."""

import hashlib
import json
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from onsite.ledger.backup import DAMAGED, FORMAT, MANIFEST, make_backup, parts
from onsite.ledger.erase import erase_person, wipe
from onsite.ledger.history import bring_up_to_date
from onsite.ledger.people import Names, operator, read_names, save_names
from onsite.ledger.person import UnknownPersonError, find_person, hand_ins_of
from onsite.ledger.snapshot import file_hash
from onsite.ledger.state import RESTORED, fold
from onsite.ledger.store import (
    FILE_NAME,
    Stored,
    append,
    history_file,
    locked,
    names_file,
    read_stored,
    restoring_file,
    save_head,
)
from onsite.locks import PATIENCE, alone, held
from onsite.paths import CoursePaths
from onsite.safe_files import free_name, settle, write_whole
from onsite.scenario.errors import OnsiteError, told

_CHUNK = 1 << 20
_MAX_MANIFEST = 256 << 20
_FAR_NS = 1 << 62
"""Nanoseconds to the year 2116, beyond which the times of no file lie."""


@dataclass
class Restored:
    """What was done: files restored; where what was there before is now; people to be erased once more.

    resumed: it finished what was interrupted the last time; damaged: what was wrong with the gradebook when the backup
    was made, '' when it was whole.
    """

    files: int
    made_at: str
    before: Path | None = None
    erased_since: list[str] = field(default_factory=list)
    kept_history: bool = False
    resumed: bool = False
    damaged: str = ""


def restore(course: CoursePaths, archive: Path, *, force: bool = False) -> Restored:
    """Put everything in `archive` in its place.

    Nothing is touched before the whole archive was checked against its own list of hashes, and everything is made
    ready beside the records before it changes places with them. Where something of the kind is there already it is
    refused, unless `force`: then what is there goes into a backup of its own first. A history that goes on from the
    one in the archive is kept, so that nothing entered since is lost, and the restoring is entered in it; so are
    hand-ins and certificates that came since, and people who were erased since are erased again. A restore that was
    killed is finished by the next one. Raises OnsiteError, also while a Jupyter server runs on the course: it would go
    on with the gradebook of before, and what is marked in it would be lost.
    """
    with (
        told("Restoring", "Check the free space and your rights, and run the same command again."),
        held(course.root / ".restore.lock", 0, "Another command is restoring this course. Wait for it."),
        alone(course, PATIENCE),
    ):
        _refuse_while_served(course)
        if restoring_file(course).exists():
            with locked(course, restoring=True):
                return _finish(course)
        for left in course.root.glob(".restoring-*"):
            shutil.rmtree(left)
        with _opened(archive) as opened, _workshop(course) as workshop:
            manifest = _manifest(opened, archive)
            _unpack(opened, manifest, workshop, course, archive)
            outcome = Restored(len(manifest["files"]), str(manifest.get("made_at", "")))
            outcome.damaged = str(manifest.get(DAMAGED, ""))
            there = [part for part in (*parts(course), course.gradebook) if _holds_something(part)]
            if there and not force:
                names = ", ".join(path.name for path in there)
                raise OnsiteError(
                    f"This course holds {names} already, and nothing was restored. With --force the archive takes "
                    "their place; a backup of how things are now is made first."
                )
            if there:
                before = free_name(course.backups, "before-restoring", ".zip")
                outcome.before = make_backup(course, before, note=False, anyhow=True).path
            with locked(course):
                coming = _make_ready(course, CoursePaths(workshop), outcome, file_hash(archive))
                _exchange(course, workshop, coming, outcome)
    return outcome


def _refuse_while_served(course: CoursePaths) -> None:
    # Takes half a second to import, and no other command needs it.
    from jupyter_server.serverapp import list_running_servers

    root = course.root.resolve()
    for server in list_running_servers():
        served = server.get("root_dir") or server.get("notebook_dir")
        if served and root.is_relative_to(Path(served).resolve()):
            raise OnsiteError(
                f"A Jupyter server is running on {served} (process {server['pid']}), and holds the gradebook as it is "
                "now: marks given in it afterwards would be lost. Stop it with Ctrl+C in its window, then restore."
            )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            yield opened
    except OSError as error:
        if error.filename != str(path):
            raise
        raise OnsiteError(_damaged(path, f"the file cannot be read ({error.strerror})")) from error
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError) as error:
        raise OnsiteError(_damaged(path, f"it is not a whole zip ({error})")) from error


@contextmanager
def _workshop(course: CoursePaths) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".restoring-", dir=course.root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _damaged(path: Path, what: str) -> str:
    return f"{path} cannot be restored: {what}. Nothing was changed. Take another backup."


def _manifest(opened: zipfile.ZipFile, archive: Path) -> dict[str, Any]:
    try:
        if opened.getinfo(MANIFEST).file_size > _MAX_MANIFEST:
            raise OnsiteError(_damaged(archive, "its list of files is far too long"))
        manifest = json.loads(opened.read(MANIFEST))
        files = manifest["files"]
        sound = all(
            isinstance(said["sha256"], str)
            and type(said["size"]) is int
            and type(said["modified_ns"]) is int
            and abs(said["modified_ns"]) < _FAR_NS
            for said in files.values()
        )
    except KeyError as error:
        raise OnsiteError(_damaged(archive, "it is no backup, for it has no list of its files")) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise OnsiteError(_damaged(archive, "its list of files cannot be read")) from error
    if manifest.get("format") != FORMAT:
        raise OnsiteError(_damaged(archive, f"it has the format {str(manifest.get('format'))[:20]}, not {FORMAT}"))
    if not sound:
        raise OnsiteError(_damaged(archive, "its list of files is not one that this course wrote"))
    inside = [info.filename for info in opened.infolist()]
    if sorted(inside) != sorted([MANIFEST, *files]):
        raise OnsiteError(_damaged(archive, "its files are not those of its own list"))
    return dict(manifest)


def _unpack(
    opened: zipfile.ZipFile, manifest: dict[str, Any], workshop: Path, course: CoursePaths, archive: Path
) -> None:
    allowed = {part.relative_to(course.root).as_posix() for part in (*parts(course), course.gradebook)}
    for name, said in manifest["files"].items():
        info = opened.getinfo(name)
        if not _is_plain(name, allowed) or info.is_dir() or stat.S_ISLNK(info.external_attr >> 16):
            raise OnsiteError(_damaged(archive, f"it holds a file that belongs elsewhere, {name[:80]!r}"))
        target = workshop / name
        target.parent.mkdir(parents=True, exist_ok=True)
        found = hashlib.sha256()
        size = 0
        try:
            with opened.open(info) as reading, target.open("xb") as writing:
                while size <= said["size"] and (chunk := reading.read(_CHUNK)):
                    size += len(chunk)
                    found.update(chunk)
                    writing.write(chunk)
        except FileExistsError as error:
            raise OnsiteError(_damaged(archive, f"{name[:80]!r} is in it twice")) from error
        except OSError:
            raise
        except Exception as error:  # whatever the decompressors raise
            raise OnsiteError(_damaged(archive, f"{name[:80]!r} in it is damaged")) from error
        if size != said["size"] or found.hexdigest() != said["sha256"]:
            raise OnsiteError(_damaged(archive, f"{name[:80]!r} in it is not as it was backed up"))
        if _is_private(name):
            target.chmod(0o600)
        os.utime(target, ns=(said["modified_ns"], said["modified_ns"]))
    if (private := workshop / course.private.name).is_dir():
        private.chmod(0o700)


def _is_private(name: str) -> bool:
    return name.startswith("private/") or (name.startswith("history/") and name != f"history/{FILE_NAME}")


def _is_plain(name: str, allowed: set[str]) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or set(name) & set("\\\0:"):
        return False
    first = path.parts[0]
    if len(path.parts) == 1:
        # Of the parts of a course those are files whose names have an ending.
        return "." in first and (first in allowed or (first.startswith("gradebook.db.") and path.suffix == ".sha256"))
    return "." not in first and first in allowed


def _holds_something(part: Path) -> bool:
    if part.is_dir() and not part.is_symlink():
        return any(path.is_file() for path in part.rglob("*"))
    return part.exists() or part.is_symlink()


def _make_ready(course: CoursePaths, old: CoursePaths, outcome: Restored, sha256: str) -> list[str]:
    """Bring what was in the archive, unpacked as `old`, to what shall hold. Returns the names of its parts."""
    now = history_file(course).read_bytes() if history_file(course).exists() else b""
    then = history_file(old).read_bytes() if history_file(old).exists() else b""
    stored = read_stored(course)
    erased = fold(stored.chain.entries).erased
    restored = read_names(names_file(old)).learners()
    outcome.erased_since = sorted(learner for person, learner in restored.items() if person in erased)
    outcome.kept_history = bool(now) and now.startswith(then) and not stored.breaks
    if outcome.erased_since and outcome.damaged:
        raise OnsiteError(
            f"The gradebook in this backup is damaged ({outcome.damaged}), and people were erased since: they cannot "
            "be taken out of it. Nothing was changed. Take another backup."
        )
    for learner in outcome.erased_since:
        _erase_again(old, learner)
    if outcome.kept_history:
        _go_on_with(course, old, stored, outcome.erased_since)
        # The history that goes on knows of them.
        _keep_later(course.certificates, old.certificates)
    _keep_later(course.inbox, old.inbox)
    stored = read_stored(old)
    if not stored.breaks:
        old.history.mkdir(exist_ok=True)  # an archive from before the first grading has none
        append(old, stored, [_entry(sha256, outcome.made_at)])
        by = f"restore by {operator()}".removesuffix(" by ")
        with suppress(OnsiteError):  # of a history that tells of people without a name: the audit says so
            bring_up_to_date(old, "restored from a backup", by=by)
    allowed = {part.name for part in (*parts(course), *parts(old), course.gradebook)}
    return sorted(part.name for part in old.root.iterdir() if part.name in allowed)


def _erase_again(old: CoursePaths, learner: str) -> None:
    # Gone already when all that the archive held of them was in the history.
    with suppress(UnknownPersonError):
        try:
            erase_person(old, learner)
        except UnknownPersonError:
            raise
        except OnsiteError:  # a broken history, which no more can be entered in
            person = find_person(old, learner)
            wipe(old, person, hand_ins_of(person))


def _exchange(course: CoursePaths, workshop: Path, coming: list[str], outcome: Restored) -> None:
    """Let records and restored ones change places; when killed, `_finish` does the rest."""
    here = [part.name for part in (*parts(course), course.gradebook, *course.root.glob("gradebook.db-*"))]
    replaced = Path(tempfile.mkdtemp(prefix=".restoring-", dir=course.root))
    plan = {
        "workshop": workshop.name, "replaced": replaced.name, "coming": coming,
        "going": sorted({name for name in here if os.path.lexists(course.root / name)}),
        "outcome": {**asdict(outcome), "before": str(outcome.before or "")},
    }  # fmt: skip
    write_whole(restoring_file(course), json.dumps(plan).encode(), private=True)
    _move(course, plan)


def _finish(course: CoursePaths) -> Restored:
    """Do the rest of a restore that was killed."""
    try:
        plan = json.loads(restoring_file(course).read_bytes())
        outcome = Restored(**{**plan["outcome"], "before": Path(plan["outcome"]["before"] or ".")})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OnsiteError(
            f"{restoring_file(course)} cannot be read, and it says how far an interrupted restore had got. The records "
            "are in it, in the folders .restoring-* beside it, and in the last zip in backups/."
        ) from error
    outcome.before = outcome.before if plan["outcome"]["before"] else None
    outcome.resumed = True
    _move(course, plan)
    shutil.rmtree(course.root / plan["workshop"], ignore_errors=True)
    return outcome


def _move(course: CoursePaths, plan: dict[str, Any]) -> None:
    workshop, replaced = course.root / plan["workshop"], course.root / plan["replaced"]
    for name in sorted({*plan["going"], *plan["coming"]}):
        here, new, old = course.root / name, workshop / name, replaced / name
        waits = name in plan["coming"] and os.path.lexists(new)
        if os.path.lexists(here) and not os.path.lexists(old) and (waits or name not in plan["coming"]):
            here.rename(old)
        if waits:
            if os.path.lexists(here):
                # Made anew meanwhile: a hand-in that came at this very moment.
                here.rename(replaced / f"{name}-meanwhile")
            new.rename(here)
    for name in (course.inbox.name, f"{course.inbox.name}-meanwhile"):
        _keep_later(replaced / name, course.inbox)
    settle(course.root)
    restoring_file(course).unlink()
    shutil.rmtree(replaced, ignore_errors=True)


def _entry(sha256: str, made_at: str) -> dict[str, Any]:
    return {"what": RESTORED, "sha256": sha256, "by": operator(), "why": f"a backup of {made_at}"}


def _keep_later(now: Path, then: Path) -> None:
    """What came after the backup stays: these folders are only ever added to."""
    for path in now.rglob("*") if not now.is_symlink() else ():
        target = then / path.relative_to(now)
        if path.is_file() and not path.is_symlink() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _go_on_with(course: CoursePaths, old: CoursePaths, stored: Stored, erased: list[str]) -> None:
    """Put the history as it is now in place of the one in the archive, with the names of both."""
    then = read_names(names_file(old))
    try:
        names = read_names(names_file(course))
    except OnsiteError:
        # That may be why somebody restores. Who came since the backup is lost, and the audit says so.
        names = Names()
    names.salts = {**{learner: salt for learner, salt in then.salts.items() if learner not in erased}, **names.salts}
    gone = fold(stored.chain.entries).gone
    names.hand_ins = {found: path for found, path in {**then.hand_ins, **names.hand_ins}.items() if found not in gone}
    for path in course.history.iterdir():
        if path.is_file():
            write_whole(old.history / path.name, path.read_bytes(), private=_is_private(f"history/{path.name}"))
    save_names(names_file(old), names)
    save_head(old, stored.mark)
