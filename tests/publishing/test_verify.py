"""A damaged release is recognised, and the error says what is damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coi_graph.errors import Gone, NoRelease, NotFound, ReleaseCorrupt
from coi_graph.publishing import changes, manifest
from coi_graph.publishing.releases import Release, Releases
from coi_graph.publishing.verified import Verified
from small_tree import ANOTHER_ROLE, Tree, assert_whole


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Two releases; read-only, see `release`."""
    tree = Tree.make(tmp_path_factory.mktemp("built"))
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    return tree


@pytest.fixture
def release(built: Tree, tmp_path: Path) -> Release:
    """A copy of release 2, to be damaged."""
    shutil.copytree(built.home, tmp_path / "home", symlinks=True)
    return Releases(tmp_path / "home/releases").current()


def damage(release: Release) -> str:
    with pytest.raises(ReleaseCorrupt) as caught:
        Release(release.path).verify()
    return str(caught.value)


def files_of(release: Release) -> list[str]:
    return sorted(release.manifest.files)


def edit(release: Release, change: Callable[[dict[str, Any]], object]) -> None:
    path = release.path / manifest.NAME
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_a_whole_release_verifies_again_and_again(release: Release) -> None:
    for _ in range(3):  # opening it, too, leaves it as it was
        release.verify()
        assert len(release.open()) == release.manifest.quads


def test_every_file_that_matters_is_in_the_manifest(release: Release) -> None:
    names = files_of(release)
    assert {"added.nq.gz", "removed.nq.gz", "store/CURRENT"} < set(names)
    assert any(name.endswith(".sst") for name in names)
    assert any(name.startswith("store/MANIFEST-") for name in names)
    assert all(entry["bytes"] >= 0 and len(entry["sha256"]) == 64
               for entry in release.manifest.files.values())  # fmt: skip


def test_any_one_changed_byte_is_found(release: Release) -> None:
    for name in files_of(release):
        path = release.path / name
        whole = path.read_bytes()
        if not whole:
            continue
        for position in {0, len(whole) // 2, len(whole) - 1}:
            data = bytearray(whole)
            data[position] ^= 1
            path.write_bytes(data)
            assert damage(release) == f"release 2: the file {name} has changed"
        path.write_bytes(whole)
    release.verify()


def test_any_truncated_file_is_found(release: Release) -> None:
    for name in files_of(release):
        path = release.path / name
        whole = path.read_bytes()
        if whole:
            path.write_bytes(whole[:-1])
            assert damage(release) == f"release 2: the file {name} has changed"
            path.write_bytes(whole)


def test_any_longer_file_is_found(release: Release) -> None:
    for name in files_of(release):
        path = release.path / name
        whole = path.read_bytes()
        path.write_bytes(whole + b"\0")
        assert damage(release) == f"release 2: the file {name} has changed"
        path.write_bytes(whole)


def test_any_missing_file_is_found(release: Release) -> None:
    for name in files_of(release):
        path = release.path / name
        path.rename(release.path.parent / "aside")
        assert damage(release) == f"release 2: the file {name} is missing"
        (release.path.parent / "aside").rename(path)


@pytest.mark.parametrize("name", ["store/000099.sst", "extra.txt", "store/deep/er"])
def test_a_file_that_does_not_belong_there_is_found(release: Release, name: str) -> None:
    path = release.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert damage(release) == f"release 2: the file {name} does not belong there"


def test_rocksdbs_diary_is_no_data(release: Release) -> None:
    for name in ("LOG", "LOG.old.1", "LOCK"):
        (release.path / "store" / name).write_text("x")
    release.verify()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.6, 0.9])
def test_a_truncated_rocksdb_manifest_is_found(release: Release, keep: float) -> None:
    """It opens cleanly with most of the data gone (design.md, section 8)."""
    (path,) = (release.path / "store").glob("MANIFEST-*")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert path.name in damage(release)


def test_a_truncated_rocksdb_manifest_is_found_by_the_count_alone(release: Release) -> None:
    """`open` compares no checksums: workers open stores all the time."""
    (path,) = (release.path / "store").glob("MANIFEST-*")
    data = path.read_bytes()
    outcomes = set()
    for keep in range(0, len(data), max(1, len(data) // 40)):
        path.write_bytes(data[:keep])
        with pytest.raises(ReleaseCorrupt) as caught:
            release.open()
        outcomes.add("quads" in str(caught.value))
    assert outcomes, "each length is refused: by RocksDB, or by the count"


@pytest.mark.parametrize("by", [-1, 1])
def test_a_wrong_count_is_found(release: Release, by: int) -> None:
    quads = release.manifest.quads
    edit(release, lambda document: document.update(quads=quads + by))
    expected = f"release 2: its store holds {quads} quads, the manifest says {quads + by}"
    assert damage(release) == expected
    with pytest.raises(ReleaseCorrupt, match="quads"):
        Release(release.path).open()


def test_a_missing_manifest_is_found(release: Release) -> None:
    (release.path / manifest.NAME).unlink()
    assert damage(release).startswith("000002 has no readable manifest")
    with pytest.raises(ReleaseCorrupt, match="000002"):
        Release(release.path).open()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', "{}", '{"release": 2}', b"\xff\xfe", "[" * 100_000],
)
def test_a_manifest_that_is_none_is_found(release: Release, text: str | bytes) -> None:
    path = release.path / manifest.NAME
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert damage(release).startswith("000002 has no readable manifest")


def test_a_manifest_with_members_that_are_unknown_or_missing_is_found(release: Release) -> None:
    edit(release, lambda document: document.pop("content_hash"))
    assert damage(release).startswith("000002 has no readable manifest")
    edit(release, lambda document: document.update(content_hash="0", surprise=1))
    assert damage(release).startswith("000002 has no readable manifest")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("files", {}),
        ("files", []),
        ("files", None),
        ("files", {"store/CURRENT": "x"}),
        ("quads", "many"),
        ("quads", None),
        ("release", "2"),
        ("release", None),
        ("graphs", None),
        ("content_hash", 7),
    ],
)
def test_a_manifest_with_members_of_another_type_is_found(
    release: Release, member: str, value: object
) -> None:
    edit(release, lambda document: document.update({member: value}))
    assert "2" in damage(release)


def test_a_manifest_of_another_format_is_found(release: Release) -> None:
    edit(release, lambda document: document.update(format=2))
    assert damage(release) == "000002 has a manifest of format 2, this version reads 1"


def test_the_manifest_of_another_release_is_found(release: Release) -> None:
    other = release.path.parent / "000001" / manifest.NAME
    shutil.copy(other, release.path / manifest.NAME)
    assert damage(release) == "folder 000002 holds the manifest of release 1"


def test_the_store_of_another_release_is_found(release: Release) -> None:
    shutil.rmtree(release.store_path)
    shutil.copytree(release.path.parent / "000001/store", release.store_path)
    assert damage(release).startswith("release 2: the file store/")


def test_a_store_without_its_files_does_not_open_empty(release: Release) -> None:
    for path in release.store_path.iterdir():
        path.unlink()
    with pytest.raises(ReleaseCorrupt, match="there is no store"):
        release.open()
    assert list(release.store_path.iterdir()) == [], "looking makes no new store"


class Disturbed(Verified):
    """Something happens to the folder of a release while it is being verified."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def sha256(self, path: Path) -> str:
        self.happens()
        return super().sha256(path)


def test_a_file_that_goes_while_it_is_read_is_damage(release: Release) -> None:
    def take_away() -> None:
        for name in ("added.nq.gz", "removed.nq.gz", "store/CURRENT"):
            (release.path / name).unlink(missing_ok=True)

    with pytest.raises(ReleaseCorrupt, match=r"release 2: a file cannot be read: .*No such file"):
        Release(release.path, Disturbed(take_away)).verify()


def test_a_release_that_is_pruned_while_it_is_read_is_gone(release: Release) -> None:
    def prune() -> None:
        shutil.rmtree(release.store_path, ignore_errors=True)
        (release.path / "removed.nq.gz").unlink(missing_ok=True)

    with pytest.raises(Gone, match="release 2 is no longer kept"):
        Release(release.path, Disturbed(prune)).verify()


def test_a_pruned_release_is_gone_not_damaged(release: Release) -> None:
    shutil.rmtree(release.store_path)
    with pytest.raises(Gone, match="release 2 is no longer kept"):
        release.verify()
    with pytest.raises(Gone):
        release.open()


@pytest.mark.parametrize("number", [0, -1, 3, 10**12])
def test_a_number_that_was_never_published(built: Tree, number: int) -> None:
    with pytest.raises(NotFound, match=str(number)) as caught:
        built.releases.get(number)
    assert "The newest release is 2." in str(caught.value.remedy)


@pytest.mark.parametrize("damage_it", ["absent", "text", "file", "folder"])
def test_a_current_that_points_nowhere_is_no_release(tmp_path: Path, damage_it: str) -> None:
    current = tmp_path / "current"
    if damage_it == "text":
        current.symlink_to("newest")
    elif damage_it == "file":
        current.write_text("000001")
    elif damage_it == "folder":
        current.mkdir()
    assert Releases(tmp_path).current_number() is None
    with pytest.raises(NoRelease):
        Releases(tmp_path).current()
    assert Releases(tmp_path).all() == []


def test_a_current_whose_release_is_gone(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("000007")
    with pytest.raises(ReleaseCorrupt, match="000007 has no readable manifest"):
        _ = Releases(tmp_path).current().manifest


def test_the_shipped_release_is_whole(home: Path) -> None:
    """With its figures and dates, and not only a small tree."""
    release = Releases(home / "releases").get(1)
    assert_whole(release)
    stored, written = set(release.open().quads()), changes.read(release.path).added
    assert sorted(map(str, written - stored)) == []
    assert sorted(map(str, stored - written)) == []
