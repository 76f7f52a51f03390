/* sim/cli/run_view.c -- `flatfish run --view`: starts the viewer, a process of its own, with one
 * end of a socket, or connects to one that listens already, or listens for those that come later.
 * A viewer may end at any time, in any way: the run goes on. SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/cost.h"
#include "sim/cli/paths.h"
#include "sim/snap.h"
#include "sim/socket.h"
#include "sim/view/view.h"

enum { SNAPSHOTS = 32, SNAPSHOT_MIB = 1024 };

static pid_t viewer;
static bool there;
static const char *door; /* path of the socket that listens, NULL = none */

/* In a process group of its own: Ctrl-C ends the run, and the viewer shows what it has. */
__attribute__((noreturn)) static void become_viewer(const char *program, int fd)
{
    char word[32], *words[COST_WORDS + 3] = {"flatfish-view", word};
    int code, null = open("/dev/null", O_RDWR);

    setpgid(0, 0);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    dup2(null, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    fcntl(fd, F_SETFD, 0);
    snprintf(word, sizeof word, "live=%d", fd);
    cost_words(NULL, words + 2, &code);
    execv(program, words);
    fprintf(stderr, "flatfish: --view: cannot start %.200s: %s\n", program, strerror(errno));
    _exit(127);
}

static int start_viewer(void)
{
    char program[PATH_MAX];
    int pair[2];

    if (paths_viewer(program, sizeof program) != 0)
        return cli_failure("--view: the program flatfish-view is not there; build or install "
                           "Flatfish again, with all its files"),
               -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return cli_failure("--view: no socket: %s", strerror(errno)), -1;
    viewer = fork();
    if (viewer == 0)
        become_viewer(program, pair[1]);
    close(pair[1]);
    if (viewer > 0)
        return pair[0];
    close(pair[0]);
    return cli_failure("--view: no process for the viewer: %s", strerror(errno)), -1;
}

static int connect_viewer(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof at.sun_path) {
        close(fd);
        return cli_usage("run: --view: a socket's path has at most %zu characters",
                         sizeof at.sun_path - 1),
               -1;
    }
    strcpy(at.sun_path, path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    cli_failure("--view: no viewer listens on %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static const char *title_of(const struct run_settings *s)
{
    const char *path = s->kernel ? s->kernel : s->resume ? s->resume : s->disk ? s->disk : s->cdrom;

    if (s->nest_text)
        return s->nest_text;
    return path && strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* The path behind listen: or wait:, NULL = it is neither. */
const char *run_view_door(const char *view)
{
    static const char *const words[] = {"listen:", "wait:"};

    for (size_t i = 0; view && i < sizeof words / sizeof *words; i++)
        if (strncmp(view, words[i], strlen(words[i])) == 0)
            return view + strlen(words[i]);
    return NULL;
}

/* The socket to a viewer, or the door; -1 after a line. */
static int viewer_reach(const struct run_settings *s, struct view_config *config)
{
    const char *path = run_view_door(s->view);

    if (!path)
        return config->fd = strchr(s->view, '/') ? connect_viewer(s->view) : start_viewer();
    config->door = sim_listen_path(path);
    if (config->door >= 0)
        door = path;
    else
        cli_failure("--view: %s", sim_error());
    return config->door;
}

int run_view_open(const struct run_settings *s)
{
    struct view_config config = {.fd = -1, .door = -1, .title = title_of(s), .ended = run_outside};

    if (!s->view)
        return 0;
    config.paused = strcmp(s->view, "paused") == 0 || strncmp(s->view, "wait:", 5) == 0;
    if (!s->snapshots.given && sim_snapshot_schedule(SNAPSHOTS, (uint64_t)SNAPSHOT_MIB << 20) != 0)
        return cli_failure("--view: %s", sim_error());
    if (viewer_reach(s, &config) < 0)
        return EXIT_FAILURE;
    there = true;
    return view_open(&config) == 0 ? 0 : cli_failure("--view: %s", sim_error());
}

bool run_view_wants(void)
{
    return there && view_tick();
}

uint64_t run_view_until(uint64_t due)
{
    return there ? view_until(due) : due;
}

bool run_view_goes_on(const struct run_state *state, bool end)
{
    if (!there)
        return !end;
    console_flush(); /* it may stand for long */
    return view_serve(end, end ? run_end_name(state) : "") == VIEW_GOES_ON;
}

void run_view_close(void)
{
    if (!there)
        return;
    there = false;
    view_close();
    if (door)
        unlink(door);
    if (viewer > 0)
        waitpid(viewer, NULL, WNOHANG);
}
