//go:build goexperiment.runtimesecret

package main

import "runtime/secret"

func init() { do = secret.Do }
