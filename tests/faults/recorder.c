/* Preloaded into a program, it writes down in one log what that program does to the files below a folder, and what it
 * says (standard output, sockets), in the order in which it happens: what a power cut at any point would have left can
 * then be worked out (disk.py).
 *
 * PAPERHOP_RECORD: the log. PAPERHOP_ROOT: the folder. PAPERHOP_DEAF: a file whose path has this in it is never synced,
 * though the program is told so: what a test of syncing must find out.
 *
 * A record: op, thread, offset, lengths of path, of second path, of data (int32, int32, int64, 3 x int32), then these.
 * What is written down before it happens: w(rite), t(runcate), c(reate), r(ename), l(ink), u(nlink), m(kdir), s(ay), b(egin of a
 * sync); after it: e(nd of a sync). Memory maps are not seen: SQLite has only its -shm in one, which it can do without.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 70000
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int log_fd(void)
{
    static int fd = -2;
    if (fd == -2) {
        const char *path = getenv("PAPERHOP_RECORD");
        fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    }
    return fd;
}

static void note(char op, const char *path, const char *other, int64_t offset, const void *data, size_t length)
{
    int saved = errno;
    struct { int32_t op, thread; int64_t offset; int32_t path, other, data, spare; } head;
    struct iovec parts[4];
    if (log_fd() < 0)
        return;
    if (length > MOST)
        abort(); /* a record that is cut short would be a lie */
    head.op = op;
    head.thread = (int32_t)syscall(SYS_gettid);
    head.offset = offset;
    head.path = (int32_t)strlen(path);
    head.other = (int32_t)strlen(other);
    head.data = (int32_t)length;
    head.spare = 0;
    parts[0] = (struct iovec){&head, sizeof head};
    parts[1] = (struct iovec){(void *)path, strlen(path)};
    parts[2] = (struct iovec){(void *)other, strlen(other)};
    parts[3] = (struct iovec){(void *)data, length};
    if (syscall(SYS_writev, log_fd(), parts, 4) != (long)(sizeof head + strlen(path) + strlen(other) + length))
        abort();
    errno = saved;
}

/* Whether a path is below the folder and is a file that matters; made absolute in `full`. */
static int ours(const char *path, char *full)
{
    const char *root = getenv("PAPERHOP_ROOT");
    size_t length;
    if (!root || !path)
        return 0;
    if (path[0] == '/') {
        snprintf(full, PATH_MAX, "%s", path);
    } else {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here))
            return 0;
        snprintf(full, PATH_MAX, "%.2000s/%.2000s", here, path);
    }
    length = strlen(full);
    if (length > 4 && strcmp(full + length - 4, "-shm") == 0)
        return 0;
    return strncmp(full, root, strlen(root)) == 0;
}

static int ours_fd(int fd, char *full)
{
    char link[64], path[PATH_MAX];
    ssize_t length;
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0)
        return 0;
    path[length] = 0;
    return ours(path, full);
}

static int deaf(const char *path)
{
    const char *part = getenv("PAPERHOP_DEAF");
    return part && *part && strstr(path, part) != NULL;
}

static void opening(const char *path, int flags)
{
    char full[PATH_MAX];
    if (!(flags & (O_CREAT | O_TRUNC)) || !ours(path, full))
        return;
    if (syscall(SYS_faccessat, AT_FDCWD, full, F_OK) != 0) {
        if (flags & O_CREAT)
            note('c', full, "", 0, "", 0);
    } else if (flags & O_TRUNC) {
        note('t', full, "", 0, "", 0);
    }
}

#define OPEN(name)                                      \
    int name(const char *path, int flags, ...)          \
    {                                                   \
        va_list rest;                                   \
        mode_t mode;                                    \
        va_start(rest, flags);                          \
        mode = va_arg(rest, mode_t);                    \
        va_end(rest);                                   \
        opening(path, flags);                           \
        return REAL(name)(path, flags, mode);           \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                         \
    int name(int folder, const char *path, int flags, ...)   \
    {                                                        \
        va_list rest;                                        \
        mode_t mode;                                         \
        va_start(rest, flags);                               \
        mode = va_arg(rest, mode_t);                         \
        va_end(rest);                                        \
        opening(path, flags);                                \
        return REAL(name)(folder, path, flags, mode);        \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t length)
{
    char full[PATH_MAX];
    if (fd == 1)
        note('s', "", "", 0, data, length > MOST ? MOST : length);
    else if (fd != log_fd() && ours_fd(fd, full)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        if (fcntl(fd, F_GETFL) & O_APPEND)
            at = lseek(fd, 0, SEEK_END);
        note('w', full, "", at, data, length);
    }
    return REAL(write)(fd, data, length);
}

#define PWRITE(name)                                                      \
    ssize_t name(int fd, const void *data, size_t length, off_t offset)   \
    {                                                                     \
        char full[PATH_MAX];                                              \
        if (ours_fd(fd, full))                                            \
            note('w', full, "", offset, data, length);                    \
        return REAL(name)(fd, data, length, offset);                      \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name)                                \
    int name(int fd, off_t length)                    \
    {                                                 \
        char full[PATH_MAX];                          \
        if (ours_fd(fd, full))                        \
            note('t', full, "", length, "", 0);       \
        return REAL(name)(fd, length);                \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name)                           \
    int name(int fd)                         \
    {                                        \
        char full[PATH_MAX];                 \
        int done;                            \
        if (!ours_fd(fd, full))              \
            return REAL(name)(fd);           \
        if (deaf(full))                      \
            return 0;                        \
        note('b', full, "", 0, "", 0);       \
        done = REAL(name)(fd);               \
        if (done == 0)                       \
            note('e', full, "", 0, "", 0);   \
        return done;                         \
    }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to)
{
    char one[PATH_MAX], other[PATH_MAX];
    if (ours(from, one) && ours(to, other))
        note('r', one, other, 0, "", 0);
    return REAL(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    char one[PATH_MAX], other[PATH_MAX];
    if (ours(from, one) && ours(to, other))
        note('r', one, other, 0, "", 0);
    return REAL(renameat)(from_folder, from, to_folder, to);
}

int link(const char *from, const char *to)
{
    char one[PATH_MAX], other[PATH_MAX];
    if (ours(from, one) && ours(to, other))
        note('l', one, other, 0, "", 0);
    return REAL(link)(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    char one[PATH_MAX], other[PATH_MAX];
    if (ours(from, one) && ours(to, other))
        note('l', one, other, 0, "", 0);
    return REAL(linkat)(from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    char full[PATH_MAX];
    if (ours(path, full))
        note('u', full, "", 0, "", 0);
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    char full[PATH_MAX];
    if (ours(path, full))
        note('u', full, "", 0, "", 0);
    return REAL(unlinkat)(folder, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
    char full[PATH_MAX];
    if (ours(path, full) && syscall(SYS_faccessat, AT_FDCWD, full, F_OK) != 0)
        note('m', full, "", 0, "", 0);
    return REAL(mkdir)(path, mode);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    note('s', "", "", 0, data, length > MOST ? MOST : length);
    return REAL(send)(fd, data, length, flags);
}
