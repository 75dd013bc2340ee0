/* SPDX-License-Identifier: GPL-2.0-or-later
 * The system calls of a DAHDI span: all channels of a tick in one crossing from Python, and the proof, when this is
 * compiled, that layouts and numbers are those of the kernel's driver. */
#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <dahdi/user.h>

#define SAME(number, expected) _Static_assert((unsigned long)(number) == (expected), #number)
SAME(DAHDI_SPECIFY, 0x4004da26);
SAME(DAHDI_AUDIOMODE, 0x4004da20);
SAME(DAHDI_SET_BLOCKSIZE, 0x4004da01);
SAME(DAHDI_GET_BUFINFO, 0x8018da1b);
SAME(DAHDI_SET_BUFINFO, 0x4018da1b);
SAME(DAHDI_FLUSH, 0x4004da03);
SAME(DAHDI_GETEVENT, 0x8004da08);
SAME(DAHDI_GETRXBITS, 0x8004da2b);
SAME(DAHDI_SETTXBITS, 0x4004da2b);
SAME(DAHDI_GET_PARAMS, 0xc088da05);
SAME(DAHDI_SPANSTAT, 0xc13ada0a);
SAME(DAHDI_GETGAINS, 0xc204da10);
SAME(DAHDI_SETGAINS, 0x4204da10);
SAME(DAHDI_HOOK, 0x4004da07);
SAME(DAHDI_DIAL, 0x4104da1f);
SAME(DAHDI_SENDTONE, 0x4004da15);
SAME(DAHDI_ECHOCANCEL, 0x4004da21);
SAME(DAHDI_SPANCONFIG, 0x4024da12);
SAME(DAHDI_CHANCONFIG, 0x404cda13);
SAME(DAHDI_GETVERSION, 0x80a0da39);
SAME(DAHDI_MAINT, 0x4008da0b);
SAME(sizeof(struct dahdi_bufferinfo), 24);
SAME(sizeof(struct dahdi_params), 136);
SAME(sizeof(struct dahdi_spaninfo), 314);
SAME(sizeof(struct dahdi_gains), 516);
SAME(sizeof(struct dahdi_lineconfig), 36);
SAME(sizeof(struct dahdi_chanconfig), 76);
SAME(sizeof(struct dahdi_versioninfo), 160);
SAME(sizeof(struct dahdi_maintinfo), 8);
SAME(sizeof(struct dahdi_dialoperation), 260);
SAME(ELAST, 500);

/* Return ioctl()'s result, or minus errno. */
int mx_ioctl(int fd, unsigned long request, void *argument)
{
    int result = ioctl(fd, request, argument);
    return result < 0 ? -errno : result;
}

int mx_ioctl_int(int fd, unsigned long request, int *value)
{
    return mx_ioctl(fd, request, value);
}

/* One block of each channel. fds[n] < 0: no such channel, its row and result stay as they are. results[n]: octets moved,
 * or minus errno. Returns how many channels moved a whole block. */
int mx_read_rows(const int *fds, int count, uint8_t *rows, long stride, int octets, int *results)
{
    int whole = 0;
    for (int n = 0; n < count; n++) {
        if (fds[n] < 0)
            continue;
        ssize_t moved = read(fds[n], rows + n * stride, octets);
        results[n] = moved < 0 ? -errno : (int)moved;
        whole += moved == octets;
    }
    return whole;
}

int mx_write_rows(const int *fds, int count, const uint8_t *rows, long stride, int octets, int *results)
{
    int whole = 0;
    for (int n = 0; n < count; n++) {
        if (fds[n] < 0)
            continue;
        ssize_t moved = write(fds[n], rows + n * stride, octets);
        results[n] = moved < 0 ? -errno : (int)moved;
        whole += moved == octets;
    }
    return whole;
}
