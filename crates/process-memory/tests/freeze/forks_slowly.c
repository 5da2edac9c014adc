// "fork" has a thread call vfork, which sleeps uninterruptibly until the child has ended, which "end" does.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ends[2];

static void *forks(void *unused) {
	if (vfork() == 0) {
		char byte;
		(void)!read(ends[0], &byte, 1);
		_exit(0);
	}
	for (;;) pause();
	return unused;
}

int main(void) {
	(void)!pipe(ends);
	puts("ready");
	fflush(stdout);
	char line[64];
	while (fgets(line, sizeof line, stdin)) {
		pthread_t thread;
		if (!strcmp(line, "fork\n")) pthread_create(&thread, 0, forks, 0);
		if (!strcmp(line, "end\n")) (void)!write(ends[1], "", 1);
		puts("goes on\n.");
		fflush(stdout);
	}
	return 0;
}
