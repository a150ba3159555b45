/** Protobuf definitions of frames, hand-shake, client and admin API. */
@NullMarked
package io.destiny.wire;

import org.jspecify.annotations.NullMarked;
