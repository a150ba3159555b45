/** What the core asks of cryptography: shares, certificates and jobs; no implementation. */
@NullMarked
package io.destiny.core.crypto;

import org.jspecify.annotations.NullMarked;
