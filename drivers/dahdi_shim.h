/* SPDX-License-Identifier: GPL-2.0-or-later
 * What drivers/dahdi_calls.py sees of the system calls. Read by cffi and by the compiler. */

int mx_ioctl(int fd, unsigned long request, void *argument);
int mx_ioctl_int(int fd, unsigned long request, int *value);
int mx_read_rows(const int *fds, int count, uint8_t *rows, long stride, int octets, int *results);
int mx_write_rows(const int *fds, int count, const uint8_t *rows, long stride, int octets, int *results);
