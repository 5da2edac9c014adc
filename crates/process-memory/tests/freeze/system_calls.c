// A thread in each of many system calls that wait for ever; tells which of them have returned, and with what.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static struct timespec hour = {.tv_sec = 3600};

static int reads(void) { char byte; return read(ends[0], &byte, 1); }
static int sleeps(void) { return nanosleep(&hour, 0); }
static int sleeps_by_clock(void) { errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, 0); return -1; }
static int pauses(void) { return pause(); }
static int polls(void) { struct pollfd fd = {ends[0], POLLIN, 0}; return poll(&fd, 1, -1); }
static int polls_with_timeout(void) { struct pollfd fd = {ends[0], POLLIN, 0}; return poll(&fd, 1, 3600000); }
static int selects(void) {
	fd_set set;
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, 0, 0, 0);
}
static int waits_by_epoll(void) { struct epoll_event event; return epoll_wait(epoll_create1(0), &event, 1, -1); }
static int waits_by_epoll_pwait(void) {
	struct epoll_event event;
	return epoll_pwait(epoll_create1(0), &event, 1, 3600000, 0);
}
static int word;
static int waits_by_futex(void) { return syscall(SYS_futex, &word, FUTEX_WAIT, 0, 0, 0, 0); }
static int waits_by_futex_with_timeout(void) { return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &hour, 0, 0); }
static int bound(int kind) {
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, kind, 0);
	bind(fd, (struct sockaddr *)&any, sizeof any);
	if (kind == SOCK_STREAM) listen(fd, 1);
	return fd;
}
static int with_timeout(int fd) {
	struct timeval limit = {.tv_sec = 3600};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	return fd;
}
static int accepts(void) { return accept(bound(SOCK_STREAM), 0, 0); }
static int accepts_with_timeout(void) { return accept(with_timeout(bound(SOCK_STREAM)), 0, 0); }
static int receives(void) { char byte; return recv(bound(SOCK_DGRAM), &byte, 1, 0); }
static int receives_with_timeout(void) { char byte; return recv(with_timeout(bound(SOCK_DGRAM)), &byte, 1, 0); }
static int semaphores(void) { return semget(IPC_PRIVATE, 1, 0600); }
static struct sembuf down = {0, -1, 0};
static int sems[2], queue;
static int waits_by_semop(void) { return semop(sems[0], &down, 1); }
static int waits_by_semtimedop(void) { return semtimedop(sems[1], &down, 1, &hour); }
static int receives_message(void) { char text[64]; return msgrcv(queue, text, 8, 0, 0); }
static sigset_t one_signal(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	return set;
}
static int waits_for_signal(void) { sigset_t set = one_signal(); return sigwaitinfo(&set, 0); }
static int waits_for_signal_with_timeout(void) { sigset_t set = one_signal(); return sigtimedwait(&set, 0, &hour); }
static int watches(void) { char event[256]; return read(inotify_init(), event, sizeof event); }
static int child;
static int waits_for_child(void) { int status; return waitpid(child, &status, 0); }

static struct {
	const char *name;
	int (*call)(void);
	volatile int error;
} calls[] = {
	{"read", reads}, {"nanosleep", sleeps}, {"clock_nanosleep", sleeps_by_clock}, {"pause", pauses}, {"poll", polls},
	{"poll with a timeout", polls_with_timeout}, {"select", selects}, {"epoll_wait", waits_by_epoll},
	{"epoll_pwait", waits_by_epoll_pwait}, {"futex", waits_by_futex},
	{"futex with a timeout", waits_by_futex_with_timeout}, {"accept", accepts},
	{"accept with a timeout", accepts_with_timeout}, {"recv", receives},
	{"recv with a timeout", receives_with_timeout}, {"semop", waits_by_semop}, {"semtimedop", waits_by_semtimedop},
	{"msgrcv", receives_message}, {"sigwaitinfo", waits_for_signal},
	{"sigtimedwait", waits_for_signal_with_timeout}, {"read of inotify", watches}, {"waitpid", waits_for_child},
};
enum { CALLS = sizeof calls / sizeof *calls };

static void *makes(void *argument) {
	long index = (long)argument;
	errno = 0;
	int error = calls[index].call() < 0 ? errno : -1;
	calls[index].error = error;
	for (;;) pause();
	return 0;
}

int main(void) {
	if (pipe(ends)) return 1;
	sems[0] = semaphores();
	sems[1] = semaphores();
	queue = msgget(IPC_PRIVATE, 0600);
	child = fork();
	if (child == 0) {
		// Ends with its parent, who has the other end.
		close(ends[1]);
		char byte;
		return read(ends[0], &byte, 1);
	}
	for (long i = 0; i < CALLS; i++) {
		pthread_t thread;
		pthread_create(&thread, 0, makes, (void *)i);
	}
	puts("ready");
	fflush(stdout);
	char line[64];
	while (fgets(line, sizeof line, stdin)) {
		for (int i = 0; i < CALLS; i++)
			if (calls[i].error)
				printf("%s: %s\n", calls[i].name, calls[i].error < 0 ? "success" : strerror(calls[i].error));
		puts(".");
		fflush(stdout);
	}
	return 0;
}
