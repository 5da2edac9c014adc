module gostat.example/leaky-shop

go 1.19
