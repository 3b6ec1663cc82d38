// Turns what SQLite throws into StoreError. For the files that implement Store, and for nobody else.
#pragma once

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include "exporter/journal/store.h"

namespace lookout {

// Every public function of Store does its work in here, so that no exception of a library leaves its files.
template <class Work>
auto guarded(Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    const bool corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    throw StoreError(corrupt ? StoreError::Kind::corrupt : StoreError::Kind::unusable, error.what());
  }
}

}  // namespace lookout
