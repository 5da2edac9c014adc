/* A program in C that loads a Go library at run time: host LIBRARY. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *call(void *function) {
	((void (*)(void))function)();
	return 0;
}

int main(int argc, char **argv) {
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : 0;
	if (!library) {
		fprintf(stderr, "usage: host LIBRARY (%s)\n", dlerror());
		return 1;
	}
	void *start = dlsym(library, "StartGoroutines"), *park = dlsym(library, "ParkForEver");
	pthread_t thread;
	if (!start || !park || pthread_create(&thread, 0, call, park))
		return 1;
	call(start);
	for (;;)
		pause();
}
