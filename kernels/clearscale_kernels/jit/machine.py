"""LLVM text to the machine code of a processor, and that to functions, by llvmlite's documented parts."""

import itertools
from functools import cache
from typing import Any, NamedTuple

import llvmlite.binding as llvm

from .processors import Processor

_SPEED = 3
"""Level at which code is optimized, and at which instructions are chosen."""


class Compiled(NamedTuple):
    """Machine code. written: of each array whether it may be written to."""

    code: bytes
    written: list[bool]


@cache
def _started() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def triple() -> str:
    """The kind of machine and system that code runs on, as LLVM names it."""
    return str(llvm.get_process_triple())


def _machine(cpu: str, features: str) -> Any:
    _started()
    target = llvm.Target.from_triple(triple())
    return target.create_target_machine(
        cpu=cpu, features=features, opt=_SPEED, reloc="default", codemodel="jitdefault"
    )


@cache
def _machine_of(processor: Processor) -> Any:
    return _machine(*processor)


def _run(module: Any, machine: Any, speed: int, simplify_first: bool, loops: bool) -> None:
    options = llvm.create_pipeline_tuning_options()
    options.speed_level = speed
    options.loop_vectorization = loops
    options.loop_unrolling = loops
    options.loop_interleaving = loops
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    manager = builder.getModulePassManager()
    if simplify_first:
        manager.add_loop_rotate_pass()
        manager.add_instruction_combine_pass()
        manager.add_jump_threading_pass()
    manager.add_refprune_pass()
    manager.run(module, builder)


def _tell_what_is_written(module: Any, machine: Any) -> None:
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options())
    manager = llvm.create_new_module_pass_manager()
    manager.add_post_order_function_attributes_pass()
    manager.run(module, builder)


def _internal_but(module: Any, *names: str) -> None:
    for function in module.functions:
        if not function.is_declaration and function.name not in names:
            function.linkage = "internal"


def simplified(text: str, entry: str, inner: str) -> str:
    """The text after what does not depend on the processor: a fraction of it, with all calls for errors gone."""
    module = llvm.parse_assembly(text)
    _internal_but(module, entry, inner)
    machine = _machine("", "")
    _run(module, machine, 0, True, False)
    _run(module, machine, 1, False, False)
    module.verify()
    return str(module)


def needs_more(text: str) -> bool:
    """Whether the text needs what only a process with Numba has."""
    module = llvm.parse_assembly(text)
    needed = [item.name for item in module.functions if item.is_declaration and not item.name.startswith("llvm.")]
    return bool(needed) or any(item.name.startswith("numba.") for item in module.global_variables)


def compile_text(text: str, inner: str, processor: Processor) -> Compiled:
    """Machine code for a processor, which need not be that of this machine."""
    module = llvm.parse_assembly(text)
    machine = _machine_of(processor)
    function = module.get_function(inner)
    function.add_function_attribute("noinline")
    _run(module, machine, 0, True, False)
    _run(module, machine, _SPEED, False, True)
    _tell_what_is_written(module, machine)
    pointers = [item for item in module.get_function(inner).arguments if str(item.type) == "ptr"]
    unwritten = {b"readonly", b"readnone"}
    written = [not unwritten & set(item.attributes) for item in pointers[:-1]]
    return Compiled(machine.emit_object(module), written)


@cache
def _linker() -> Any:
    _started()
    return llvm.create_lljit_compiler()


_linked: list[Any] = []
"""What holds the linked code in memory: as long as the process, since kernels do so, too."""

_numbers = itertools.count()


def link(code: bytes, entry: str) -> int:
    """The address of the function in this machine code. Raises RuntimeError where LLVM cannot link so."""
    builder = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(entry)
    library = builder.link(_linker(), f"kernel-{next(_numbers)}")
    _linked.append(library)
    address: int = library[entry]
    return address
