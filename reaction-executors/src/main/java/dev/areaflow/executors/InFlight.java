package dev.areaflow.executors;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is in hand, in commands and bytes; it bounds the memory that calls take. A batch enters
 * whole, and each of its commands leaves by itself. Safe for several threads.
 */
final class InFlight implements AutoCloseable {
  private final int mostCommands;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private int commands;
  private long bytes;
  private boolean closed;

  InFlight(int mostCommands, long mostBytes) {
    this.mostCommands = mostCommands;
    this.mostBytes = mostBytes;
  }

  /**
   * Waits until a batch has room, and takes it. A batch larger than the limits gets in alone.
   *
   * @return false if there was no room in time, or none before the close; nothing is taken then
   */
  boolean enter(int batchCommands, long batchBytes, Duration patience) throws InterruptedException {
    long nanos = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (commands > 0
          && (commands + batchCommands > mostCommands || bytes + batchBytes > mostBytes)) {
        if (nanos <= 0 || closed) {
          return false;
        }
        nanos = left.awaitNanos(nanos);
      }
      commands += batchCommands;
      bytes += batchBytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the room of one command. */
  void leave(long commandBytes) {
    lock.lock();
    try {
      commands--;
      bytes -= commandBytes;
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is in hand. Returns false if something still was after that time. */
  boolean awaitEmpty(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (commands > 0) {
        if (!left.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return commands == 0;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody wait for room any longer. What is in hand stays until it leaves. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many commands are in hand. */
  int commands() {
    lock.lock();
    try {
      return commands;
    } finally {
      lock.unlock();
    }
  }
}
