package io.destiny.crypto.trusted;

import io.destiny.core.crypto.Result;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A trusted process as its host sees it. Thread-safe; requests go one after the other, so batches
 * are cheaper than many threads. A broken connection is made anew and the request repeated, which
 * re-issue makes harmless.
 */
public final class TrustedProcessClient implements ThreshSign, AutoCloseable {
  private final Path socket;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable FrameChannel channel;
  private volatile boolean closed;

  private TrustedProcessClient(Path socket) {
    this.socket = socket;
  }

  /**
   * @param socket {@code trusted.sock} in the replica's folder
   * @throws IOException if no process listens there
   */
  public static TrustedProcessClient connect(Path socket) throws IOException {
    TrustedProcessClient client = new TrustedProcessClient(socket);
    client.channel = new FrameChannel(TrustedSocket.connect(socket));
    return client;
  }

  @Override
  public List<Result> call(List<TrustedCall> calls) {
    List<Result> results = new ArrayList<>(calls.size());
    for (int from = 0; from < calls.size(); from += TrustedCodec.MAX_CALLS) {
      int to = Math.min(calls.size(), from + TrustedCodec.MAX_CALLS);
      results.addAll(callFrame(calls.subList(from, to)));
    }
    return results;
  }

  private List<Result> callFrame(List<TrustedCall> calls) {
    try {
      return TrustedCodec.decodeResults(exchange(TrustedCodec.encodeCalls(calls)), calls.size());
    } catch (IOException | MalformedException e) {
      return Collections.nCopies(calls.size(), new Result.Refused(Result.Refusal.UNAVAILABLE, -1));
    }
  }

  @Override
  public long read(int instance, int counter) {
    try {
      Reader r = exchange(TrustedCodec.encodeRead(instance, counter));
      long value = r.u64();
      r.end();
      return value;
    } catch (IOException | MalformedException e) {
      throw unreachable(e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @param nonce at most 64 bytes
   * @throws IllegalStateException if the process cannot be reached
   */
  @Override
  public Quote attest(byte[] nonce) {
    if (nonce.length > TrustedCodec.MAX_NONCE) {
      throw new IllegalArgumentException("a nonce has at most 64 bytes");
    }
    try {
      return TrustedCodec.decodeQuote(exchange(TrustedCodec.encodeAttest(nonce)));
    } catch (IOException | MalformedException e) {
      throw unreachable(e);
    }
  }

  private static IllegalStateException unreachable(Exception cause) {
    return new IllegalStateException("the trusted process cannot be reached", cause);
  }

  private Reader exchange(byte[] request) throws IOException {
    lock.lock();
    try {
      FrameChannel open = channel;
      if (open != null) {
        try {
          return exchange(open, request);
        } catch (IOException e) {
          disconnect();
        }
      }
      try {
        return exchange(reconnect(), request);
      } catch (IOException e) {
        disconnect();
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private static Reader exchange(FrameChannel open, byte[] request) throws IOException {
    open.write(request);
    byte[] answer = open.read();
    if (answer == null) {
      throw new EOFException("the trusted process closed the connection");
    }
    return new Reader(answer);
  }

  private FrameChannel reconnect() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    FrameChannel fresh = new FrameChannel(TrustedSocket.connect(socket));
    channel = fresh;
    if (closed) {
      // closed in between, perhaps without having seen this channel
      throw new ClosedChannelException();
    }
    return fresh;
  }

  private void disconnect() throws IOException {
    FrameChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  /** Ends the connection, also under a request that waits for an answer; the process goes on. */
  @Override
  public void close() throws IOException {
    closed = true;
    FrameChannel open = channel;
    if (open != null) {
      open.close();
    }
  }
}
