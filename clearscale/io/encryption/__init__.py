"""Files that only a key opens: how they are written, where keys come from, and what a folder says of its own."""

from .cipher import Cipher as Cipher
from .encryption import ENCRYPTION as ENCRYPTION
from .encryption import Encryption as Encryption
