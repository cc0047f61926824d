package store_test

const crashEnv = "HANDOFF_STORE_CRASH"

func writeUntilKilled(string) {}
