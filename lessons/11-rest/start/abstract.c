/* usage: abstract listen NAME | abstract send NAME TEXT
 * A socket with a name that is no file: its first byte is 0. listen prints each text that is sent to it. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv) {
  if (argc < 3) return 125;
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strncpy(name.sun_path + 1, argv[2], sizeof name.sun_path - 2);
  socklen_t length = sizeof(sa_family_t) + 1 + strlen(name.sun_path + 1);
  int s = socket(AF_UNIX, SOCK_DGRAM, 0);

  if (argc == 4) {
    if (sendto(s, argv[3], strlen(argv[3]), 0, (struct sockaddr *)&name, length) != -1) return 0;
    perror("abstract: send");
    return 1;
  }
  if (bind(s, (struct sockaddr *)&name, length) == -1) {
    perror("abstract: listen");
    return 1;
  }
  char text[100];
  for (ssize_t n; (n = recv(s, text, sizeof text, 0)) != -1;) {
    printf("heard: %.*s\n", (int)n, text);
    fflush(stdout);
  }
  return 1;
}
