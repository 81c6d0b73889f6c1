//go:build !linux

package main

func unload() {}

func memoryLimit() int64 { return 0 }
