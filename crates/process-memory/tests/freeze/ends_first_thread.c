// Its first thread ends; two others stay.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *sleeps(void *unused) {
	for (;;) pause();
	return unused;
}

int main(void) {
	pthread_t thread;
	pthread_create(&thread, 0, sleeps, 0);
	pthread_create(&thread, 0, sleeps, 0);
	puts("ready");
	fflush(stdout);
	pthread_exit(0);
}
