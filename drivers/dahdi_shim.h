int mx_ioctl(int fd, unsigned long request, void *argument);
int mx_ioctl_int(int fd, unsigned long request, int *value);
int mx_read_rows(const int *fds, int count, uint8_t *rows, long stride, int octets, int *results);
int mx_write_rows(const int *fds, int count, const uint8_t *rows, long stride, int octets, int *results);
