// SPDX-License-Identifier: Apache-2.0
// The hosted half of the runtime: files that are never torn. It allocates and calls the system.
#ifndef THX_HOSTED_H
#define THX_HOSTED_H

#include <thx/thx.h>

#ifdef __cplusplus
extern "C" {
#endif

// Every function here that fails with THX_E_IO leaves the reason in errno.

// A file being written beside its final name: thx_file_create, writes, then commit or abandon,
// which free it. A link is followed. A path that exists and is no regular file is refused (EINVAL).
typedef struct thx_file_writer thx_file_writer;
THX_API thx_status thx_file_create(const char* path, thx_file_writer** out);
// A thx_write_fn; user is the thx_file_writer.
THX_API int thx_file_write(void* user, const void* bytes, size_t count);
// Synchronises the file, renames it over its final name and synchronises the folder. THX_E_IO, also
// where an earlier write failed: what was at the path before is still there, untouched (only where
// the folder alone could not be synchronised is the new file in place, whole).
THX_API thx_status thx_file_commit(thx_file_writer* file);
// Removes what was written. NULL is fine. errno is kept.
THX_API void thx_file_abandon(thx_file_writer* file);

// A regular file open for reading at any offset, by any number of threads.
typedef struct thx_file_reader thx_file_reader;
THX_API thx_status thx_file_open(const char* path, thx_file_reader** out);
THX_API uint64_t thx_file_size(const thx_file_reader* file);
// A thx_read_at_fn; user is the thx_file_reader.
THX_API int thx_file_read_at(void* user, uint64_t offset, void* dst, size_t count);
// NULL is fine.
THX_API void thx_file_close(thx_file_reader* file);

// The same in one call, for the save and load functions of a generated header behind a function of
// this type (a pointer to logreg_save itself has another type: calling through a cast is
// undefined).
typedef thx_status (*thx_save_fn)(const void* model, thx_write_fn write, void* user,
                                  const thx_exec* ex);
typedef thx_status (*thx_load_fn)(void* model, uint64_t size, thx_read_at_fn read, void* user,
                                  const thx_exec* ex);
THX_API thx_status thx_file_save(const char* path, thx_save_fn save, const void* model,
                                 const thx_exec* ex);
THX_API thx_status thx_file_load(const char* path, thx_load_fn load, void* model,
                                 const thx_exec* ex);

#ifdef __cplusplus
}
#endif

#endif
