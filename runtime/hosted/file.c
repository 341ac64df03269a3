// SPDX-License-Identifier: Apache-2.0
// Files that are never torn: written beside, synchronised, renamed. POSIX.
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700
#define _FILE_OFFSET_BITS 64

#if !defined(__unix__) && !defined(__APPLE__)
#error \
    "thx/hosted.h is written for POSIX systems; hand logreg_save and logreg_load a writer and reader of your own"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <thx/hosted.h>
#include <unistd.h>

struct thx_file_writer {
  int descriptor;
  int error;        // errno of the first write that failed, or 0
  char* path;       // the final name, links followed
  char* temporary;  // the name beside it
};

struct thx_file_reader {
  int descriptor;
  uint64_t size;
};

static thx_status failed(int error) {
  errno = error;
  return THX_E_IO;
}

static void free_writer(thx_file_writer* file) {
  free(file->path);
  free(file->temporary);
  free(file);
}

// The final name of a path, and the mode of what is there (0: nothing). NULL with errno set.
static char* resolve(const char* path, mode_t* mode) {
  struct stat there;
  *mode = 0;
  if (stat(path, &there) != 0) {
    // A link that leads nowhere is refused: renaming over it would not make what it names.
    if (errno != ENOENT || lstat(path, &there) == 0) return NULL;
    return strdup(path);
  }
  if (!S_ISREG(there.st_mode)) {
    errno = S_ISDIR(there.st_mode) ? EISDIR : EINVAL;
    return NULL;
  }
  *mode = there.st_mode & 07777;
  return realpath(path, NULL);
}

// Opens a new file beside path. Two writers of one path have different names.
static int open_beside(thx_file_writer* file) {
  const size_t room = strlen(file->path) + 48;
  file->temporary = malloc(room);
  if (file->temporary == NULL) return -1;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    int descriptor;
    snprintf(file->temporary, room, "%s.%ld.%d.tmp", file->path, (long)getpid(), attempt);
    descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

thx_status thx_file_create(const char* path, thx_file_writer** out) {
  thx_file_writer* file;
  mode_t mode;
  if (path == NULL || out == NULL) return THX_E_NULL;
  *out = NULL;
  file = calloc(1, sizeof *file);
  if (file == NULL) return failed(ENOMEM);
  file->path = resolve(path, &mode);
  file->descriptor = file->path == NULL ? -1 : open_beside(file);
  if (file->descriptor < 0) {
    const int error = errno;
    free_writer(file);
    return failed(error);
  }
  // A file that is replaced keeps its permissions where the system allows it.
  if (mode != 0 && fchmod(file->descriptor, mode) != 0 && errno != EPERM && errno != ENOTSUP) {
    const int error = errno;
    thx_file_abandon(file);
    return failed(error);
  }
  *out = file;
  return THX_OK;
}

int thx_file_write(void* user, const void* bytes, size_t n) {
  thx_file_writer* file = (thx_file_writer*)user;
  const char* from = (const char*)bytes;
  while (n > 0 && file->error == 0) {
    const ssize_t done = write(file->descriptor, from, n < ((size_t)1 << 30) ? n : (size_t)1 << 30);
    if (done > 0) {
      from += done;
      n -= (size_t)done;
    } else if (done == 0 || errno != EINTR) {
      file->error = done == 0 ? EIO : errno;
    }
  }
  return file->error != 0;
}

static int sync_descriptor(int descriptor) {
  int result;
  do {
    result = fsync(descriptor);
  } while (result != 0 && errno == EINTR);
  return result;
}

// Makes a rename durable. Systems that cannot synchronise a folder say EINVAL.
static int sync_folder(char* path) {
  char* slash = strrchr(path, '/');
  int descriptor, result, error;
  if (slash == path) {
    descriptor = open("/", O_RDONLY | O_CLOEXEC);
  } else {
    if (slash != NULL) *slash = '\0';
    descriptor = open(slash == NULL ? "." : path, O_RDONLY | O_CLOEXEC);
  }
  // A folder that may be written but not read cannot be synchronised.
  if (descriptor < 0) return errno == EACCES ? 0 : -1;
  result = sync_descriptor(descriptor);
  error = errno;
  close(descriptor);
  errno = error;
  return result != 0 && error != EINVAL ? -1 : 0;
}

thx_status thx_file_commit(thx_file_writer* file) {
  int error;
  if (file == NULL) return THX_E_NULL;
  error = file->error;
  if (error == 0 && sync_descriptor(file->descriptor) != 0) error = errno;
  if (close(file->descriptor) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error == 0 && rename(file->temporary, file->path) != 0) error = errno;
  if (error != 0) {
    unlink(file->temporary);
  } else if (sync_folder(file->path) != 0) {
    error = errno;
  }
  free_writer(file);
  return error == 0 ? THX_OK : failed(error);
}

void thx_file_abandon(thx_file_writer* file) {
  const int error = errno;
  if (file == NULL) return;
  close(file->descriptor);
  unlink(file->temporary);
  free_writer(file);
  errno = error;
}

thx_status thx_file_open(const char* path, thx_file_reader** out) {
  struct stat there;
  thx_file_reader* file;
  int descriptor, error;
  if (path == NULL || out == NULL) return THX_E_NULL;
  *out = NULL;
  // Without O_NONBLOCK the opening of a pipe would wait for its writer.
  descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return THX_E_IO;
  error = fstat(descriptor, &there) != 0 ? errno : 0;
  if (error == 0 && !S_ISREG(there.st_mode)) error = S_ISDIR(there.st_mode) ? EISDIR : EINVAL;
  file = error == 0 ? malloc(sizeof *file) : NULL;
  if (file == NULL) {
    close(descriptor);
    return failed(error != 0 ? error : ENOMEM);
  }
  file->descriptor = descriptor;
  file->size = (uint64_t)there.st_size;
  *out = file;
  return THX_OK;
}

uint64_t thx_file_size(const thx_file_reader* file) { return file->size; }

int thx_file_read_at(void* user, uint64_t offset, void* dst, size_t n) {
  const thx_file_reader* file = (const thx_file_reader*)user;
  char* to = (char*)dst;
  if (offset > file->size || n > file->size - offset) {
    errno = EINVAL;
    return 1;
  }
  while (n > 0) {
    const size_t part = n < ((size_t)1 << 30) ? n : (size_t)1 << 30;
    const ssize_t done = pread(file->descriptor, to, part, (off_t)offset);
    if (done > 0) {
      to += done;
      n -= (size_t)done;
      offset += (uint64_t)done;
    } else if (done == 0 || errno != EINTR) {
      if (done == 0) errno = EIO;  // the file became shorter
      return 1;
    }
  }
  return 0;
}

void thx_file_close(thx_file_reader* file) {
  const int error = errno;
  if (file == NULL) return;
  close(file->descriptor);
  free(file);
  errno = error;
}

thx_status thx_file_save(const char* path, thx_save_fn save, const void* model,
                         const thx_exec* ex) {
  thx_file_writer* file;
  thx_status status = thx_file_create(path, &file);
  if (status != THX_OK) return status;
  status = save(model, thx_file_write, file, ex);
  if (status == THX_OK) return thx_file_commit(file);
  if (file->error != 0) errno = file->error;
  thx_file_abandon(file);
  return status;
}

thx_status thx_file_load(const char* path, thx_load_fn load, void* model, const thx_exec* ex) {
  thx_file_reader* file;
  thx_status status = thx_file_open(path, &file);
  if (status != THX_OK) return status;
  status = load(model, thx_file_size(file), thx_file_read_at, file, ex);
  thx_file_close(file);
  return status;
}
