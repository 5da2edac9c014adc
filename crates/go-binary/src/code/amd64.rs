//! References in amd64 code: RIP-relative and absolute operands.

use iced_x86::{Code, Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};

use super::{Access, Step};
use crate::address::StaticAddress;

pub(super) fn steps(code: &[u8], entry: StaticAddress) -> Vec<Step> {
    let decoder = Decoder::with_ip(64, code, entry.0, DecoderOptions::NONE);
    decoder.into_iter().take_while(|i| i.code() != Code::INVALID || i.len() > 0).map(|i| step(&i)).collect()
}

/// `CALL rel32`: where it is, and where it leads.
pub(super) fn calls(code: &[u8], entry: StaticAddress) -> Vec<(StaticAddress, StaticAddress)> {
    let decoder = Decoder::with_ip(64, code, entry.0, DecoderOptions::NONE);
    let decoded = decoder.into_iter().take_while(|i| i.code() != Code::INVALID || i.len() > 0);
    let calls = decoded.filter(|i| i.code() == Code::Call_rel32_64);
    calls.map(|i| (StaticAddress(i.ip()), StaticAddress(i.near_branch_target()))).collect()
}

fn step(instruction: &Instruction) -> Step {
    let kinds = (0..instruction.op_count()).map(|op| instruction.op_kind(op));
    let memory = kinds.clone().any(|kind| kind == OpKind::Memory);
    let unindexed = instruction.memory_index() == Register::None;
    if memory
        && unindexed
        && matches!(instruction.memory_base(), Register::RIP | Register::EIP | Register::None)
    {
        // iced gives the absolute address for RIP-relative operands, too.
        let target = StaticAddress(instruction.memory_displacement64());
        return Step::Reference { target, access: access(instruction) };
    }
    if memory
        && unindexed
        && instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_kind() == OpKind::Memory
        && instruction.op1_kind() == OpKind::Register
    {
        let offset = instruction.memory_displacement64().cast_signed();
        return Step::Store { offset, from: number(instruction.op1_register()) };
    }
    // Position-dependent code may hold the address itself: `mov eax, 0x58a0c0`.
    let immediate = kinds.into_iter().any(|kind| matches!(kind, OpKind::Immediate32 | OpKind::Immediate64));
    if immediate && instruction.mnemonic() == Mnemonic::Mov && instruction.op0_kind() == OpKind::Register {
        return Step::Reference { target: StaticAddress(instruction.immediate(1)), access: Access::Address };
    }
    Step::Other
}

fn access(instruction: &Instruction) -> Access {
    match instruction.mnemonic() {
        Mnemonic::Lea => Access::Address,
        Mnemonic::Mov if instruction.op0_kind() == OpKind::Register => {
            Access::Load(number(instruction.op0_register()))
        }
        _ => Access::Other,
    }
}

fn number(register: Register) -> u8 {
    u8::try_from(register.full_register().number()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_of_the_forms_that_go_emits() {
        let code = [
            0x48, 0x8b, 0x05, 0x10, 0x00, 0x00, 0x00, // mov rax, [rip+0x10]
            0x48, 0x8d, 0x0d, 0x10, 0x00, 0x00, 0x00, // lea rcx, [rip+0x10]
            0x48, 0x89, 0x81, 0x50, 0x01, 0x00, 0x00, // mov [rcx+0x150], rax
            0x83, 0x3d, 0x10, 0x00, 0x00, 0x00, 0x00, // cmp dword [rip+0x10], 0
            0xc3, // ret
        ];
        let reference = |target, access| Step::Reference { target: StaticAddress(target), access };
        assert_eq!(
            steps(&code, StaticAddress(0x1000)),
            [
                reference(0x1017, Access::Load(0)),
                reference(0x101e, Access::Address),
                Step::Store { offset: 0x150, from: 0 },
                reference(0x102c, Access::Other),
                Step::Other,
            ]
        );
    }

    #[test]
    fn calls_lead_from_where_they_are() {
        // ret; call +0x10; call rax; call -0xd
        let code = [0xc3, 0xe8, 0x10, 0, 0, 0, 0xff, 0xd0, 0xe8, 0xf3, 0xff, 0xff, 0xff];
        let at = |at: u64, to: u64| (StaticAddress(at), StaticAddress(to));
        assert_eq!(calls(&code, StaticAddress(0x1000)), [at(0x1001, 0x1016), at(0x1008, 0x1000)]);
    }
}
