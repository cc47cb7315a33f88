"""GPU samples: NVML through a child process, and recorded traces."""
