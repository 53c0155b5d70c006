"""What an execution environment is made of: a process, a sandbox, a virtual machine. One file each."""
