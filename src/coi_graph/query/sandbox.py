"""What the kernel takes from a query process before it sees a query.

Its turn comes after the server's own. Linux: it dies with its parent, leaves no core, is the first
to be killed when memory runs out, and a seccomp filter (kernel's
Documentation/userspace-api/seccomp_filter.rst) refuses with EPERM what answering a query never
needs: sockets, other programs, signals to others, changing files by name. Only the parts of the
standard library are used that load in a millisecond or two: every new worker waits for them.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9
_EPERM = 1
_ENOSYS = 38
_BEHIND = 5  # a third of the time of a web process where both want all: a page before a query

# classic BPF (linux/bpf_common.h): load a word, jump where it is equal, at least, or has the bits
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
# struct seccomp_data: the call's number, the architecture, then 64-bit arguments
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, 32

_CLONE_THREAD = 0x00010000
# The same on both architectures: O_WRONLY | O_RDWR | O_CREAT | O_TRUNC
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000
_X32 = 0x40000000


class _Calls:
    """The numbers of the system calls that are refused (asm/unistd.h)."""

    def __init__(
        self, architecture: int, refused: str, clone: int, tgkill: int, opening: dict[int, int]
    ) -> None:
        self.architecture = architecture
        self.refused = [int(number) for number in refused.split()]
        self.clone = clone
        self.tgkill = tgkill
        self.opening = opening  # call → where its flags are


# In the order: socket … sendmsg, execve, fork and vfork, kill and tkill, ptrace and
# process_vm_*, changes to the file tree, mount and namespaces, bpf, userfaultfd, and what has
# one number everywhere: io_uring (it would go round the filter), pidfd_*.
_EVERYWHERE = " 424 425 426 427 434 438"
_TABLE = {
    "x86_64": _Calls(
        0xC000003E,
        "41 42 43 46 49 50 53 288 307 59 322 57 58 62 200 101 310 311"
        " 76 82 83 84 85 86 87 88 90 91 92 93 94 133 258 259 260 263 264 265 266 268 316"
        " 155 161 165 166 272 308 321 323" + _EVERYWHERE,
        clone=56,
        tgkill=234,
        opening={2: _SECOND, 257: _THIRD},
    ),
    "aarch64": _Calls(
        0xC00000B7,
        "198 199 200 201 202 203 211 242 269 221 281 129 130 117 270 271"
        " 33 34 35 36 37 38 45 52 53 54 55 276"
        " 39 40 41 51 97 268 280 282" + _EVERYWHERE,
        clone=220,
        tgkill=131,
        opening={56: _THIRD},
    ),
}
_CLONE3, _OPENAT2 = 435, 437


def enter(parent: int) -> bool:
    """Limits this process, the child of ``parent``, for good; True where sockets are refused.

    Call it before any thread is started: threads inherit the filter from the one that starts
    them. Exits at once where the parent has gone in the meantime.
    """
    os.nice(_BEHIND)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 (pathlib is slow to load)
            file.write("1000")
    except OSError:
        pass
    if os.uname().sysname != "Linux":
        return False
    die_with(parent)
    return _refuse(ctypes.CDLL(None, use_errno=True))


def die_with(parent: int) -> None:
    """Has the kernel kill this process when the thread that started it ends, as it does where
    ``parent`` is killed; at once where it has been. Linux."""
    if os.uname().sysname != "Linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _refuse(libc: ctypes.CDLL) -> bool:
    calls = _TABLE.get(os.uname().machine)
    if calls is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    program = _program(calls, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    )
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    address = ctypes.c_void_p(ctypes.addressof(header))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, address, 0, 0) == 0)


def _program(calls: _Calls, own_pid: int) -> bytes:
    """The filter, as an array of ``struct sock_filter``."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    refuse = step(_RETURN, _ERRNO | _EPERM)
    parts = [
        step(_LOAD, _ARCHITECTURE),
        step(_JUMP_EQUAL, calls.architecture, yes=1),
        refuse,
        step(_LOAD, _NUMBER),
        step(_JUMP_AT_LEAST, _X32, no=1),
        refuse,
    ]
    for number in calls.refused:
        parts += [step(_JUMP_EQUAL, number, no=1), refuse]
    # Their arguments are behind pointers, where a filter cannot look. The C library tries the
    # older call when a newer one does not exist.
    for number in (_CLONE3, _OPENAT2):
        parts += [step(_JUMP_EQUAL, number, no=1), step(_RETURN, _ERRNO | _ENOSYS)]
    for number, flags in calls.opening.items():
        parts += [
            step(_JUMP_EQUAL, number, no=4),
            step(_LOAD, flags),
            step(_JUMP_BITS, _WRITING, no=1),
            refuse,
            step(_RETURN, _ALLOW),
        ]
    parts += [  # clone makes threads, not processes; tgkill reaches this process, for abort()
        step(_JUMP_EQUAL, calls.clone, no=4),
        step(_LOAD, _FIRST),
        step(_JUMP_BITS, _CLONE_THREAD, yes=1),
        refuse,
        step(_RETURN, _ALLOW),
        step(_JUMP_EQUAL, calls.tgkill, no=3),
        step(_LOAD, _FIRST),
        step(_JUMP_EQUAL, own_pid, yes=1),
        refuse,
        step(_RETURN, _ALLOW),
    ]
    return b"".join(parts)
