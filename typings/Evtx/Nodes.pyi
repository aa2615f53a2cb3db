from collections.abc import Sequence

from .BinaryParser import Block

class BXmlNode(Block):
    def children(self) -> Sequence[BXmlNode]: ...

class RootNode(BXmlNode): ...
