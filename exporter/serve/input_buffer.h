// Bytes received and not yet understood, of one connection. Holds memory only while it holds bytes or is
// asked for room, and the blocks come from and go back to a pool, so an idle connection has none.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace lookout {

class BlockPool {
 public:
  static constexpr std::size_t kBlock = 4096;  // most requests' heads fit

  std::unique_ptr<char[]> take() {
    if (free_.empty()) return std::unique_ptr<char[]>(new char[kBlock]);
    auto block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void give_back(std::unique_ptr<char[]> block) {
    if (free_.size() < kKept) free_.push_back(std::move(block));
  }

 private:
  static constexpr std::size_t kKept = 64;
  std::vector<std::unique_ptr<char[]>> free_;
};

class InputBuffer {
 public:
  // `limit`: never holds more bytes than this.
  InputBuffer(BlockPool& pool, std::size_t limit) : pool_(pool), limit_(limit) {}
  ~InputBuffer() { release(); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  bool full() const { return end_ - begin_ >= limit_; }

  // Room for at least one more byte; not to be asked for when full.
  std::span<char> room() {
    assert(!full());
    if (!data_) {
      data_ = pool_.take();
      capacity_ = BlockPool::kBlock;
    }
    if (end_ == capacity_) begin_ > 0 ? move_to_front() : grow();
    return {data_.get() + end_, std::min(capacity_ - end_, limit_ - (end_ - begin_))};
  }
  void received(std::size_t count) { end_ += count; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Gives the memory back if nothing is in it.
  void shrink() {
    if (begin_ == end_) release();
  }

 private:
  void move_to_front() {
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  void grow() {
    auto larger = std::unique_ptr<char[]>(new char[capacity_ * 2]);
    std::memcpy(larger.get(), data_.get(), end_);
    const std::size_t capacity = capacity_ * 2, end = end_;
    release();
    data_ = std::move(larger);
    capacity_ = capacity;
    end_ = end;
  }
  void release() {
    if (data_ && capacity_ == BlockPool::kBlock) pool_.give_back(std::move(data_));
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

  BlockPool& pool_;
  std::size_t limit_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace lookout
