package main

func (v *validation) policy() {}
