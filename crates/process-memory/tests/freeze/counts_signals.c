// Counts every SIGRTMIN+3 that it gets, in threads that compute and threads that sleep.
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_ulong count;

static void handle(int signal) { (void)signal; atomic_fetch_add(&count, 1); }

static void *computes(void *unused) {
	for (volatile unsigned long n = 0;; n++)
		if (n % 1000000 == 0) usleep(100);
	return unused;
}

static void *sleeps(void *unused) {
	for (;;) pause();
	return unused;
}

int main(void) {
	struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
	sigaction(SIGRTMIN + 3, &action, 0);
	pthread_t thread;
	for (int i = 0; i < 2; i++) {
		pthread_create(&thread, 0, computes, 0);
		pthread_create(&thread, 0, sleeps, 0);
	}
	puts("ready");
	fflush(stdout);
	char line[64];
	while (fgets(line, sizeof line, stdin)) {
		printf("%lu\n.\n", atomic_load(&count));
		fflush(stdout);
	}
	return 0;
}
