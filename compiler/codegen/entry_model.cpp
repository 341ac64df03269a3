// SPDX-License-Identifier: Apache-2.0
// The functions of a model: init, attach, bytes, dims, accessors, get, set, save, load.
#include <llvm/IR/Intrinsics.h>

#include "codegen/entry.h"
#include "support/check.h"

namespace thx::codegen {

namespace {

using llvm::Value;
using Storage = loop::Storage;

// thx_init and thx_model_header, as thx/thx.h and thx/object.h lay them out.
constexpr int64_t kInitSeed = 8, kInitWorkspace = 16, kInitWorkspaceBytes = 24;
// thx_state_entry.
constexpr int64_t kEntryBytes = 56;
constexpr int64_t kEntryName = 0, kEntryExtents = 8, kEntryOffset = 16, kEntryElements = 24,
                  kEntryFileBegin = 32, kEntryDtype = 40, kEntryRank = 44, kEntrySaved = 48,
                  kEntrySeen = 52;
constexpr int kModelTorn = 1;

class ModelEmitter {
 public:
  ModelEmitter(EntryContext& context, const Sources& sources)
      : context_(context),
        interface_(context.interface),
        sources_(sources),
        llvm_(context.module.getContext()),
        i32_(llvm::Type::getInt32Ty(llvm_)),
        i64_(llvm::Type::getInt64Ty(llvm_)),
        ptr_(llvm::PointerType::get(llvm_, 0)) {}

  void emit() {
    emit_init();
    emit_attach();
    emit_bytes();
    emit_dims();
    for (const auto* arrays : {&interface_.fields, &interface_.params}) {
      for (const Field& field : *arrays) {
        emit_accessors(field);
        emit_copy(field, true);
        emit_copy(field, false);
      }
    }
    emit_save();
    emit_load();
  }

 private:
  std::string symbol(const std::string& name) const { return interface_.prefix + "_" + name; }
  Value* hash(EntryBuilder& e) const {
    return e.number(static_cast<int64_t>(interface_.program_hash));
  }
  int state_dims() const { return static_cast<int>(interface_.state_dims.size()); }

  void check_model(EntryBuilder& e, int exec_position, int allowed) {
    e.set_exec(e.argument(exec_position));
    e.return_unless_ok(e.call("thx_model_check", i32_,
                              {e.argument(1), hash(e), e.status(allowed), e.exec(), e.status(0)}));
    e.bind_state_dims(e.argument(1));  // init and attach have checked the sizes they give
  }

  Value* load_option(EntryBuilder& e, Value* options, int64_t offset, llvm::Type* type) {
    // Options are optional: a zeroed copy of them stands in for NULL.
    return e.ir().CreateAlignedLoad(type, e.at(options, offset), llvm::Align(8));
  }

  // (mem, mem_bytes, dims…, opts, out)
  void emit_init() {
    std::vector<llvm::Type*> types{ptr_, i64_};
    types.insert(types.end(), interface_.state_dims.size(), i64_);
    types.push_back(ptr_);
    types.push_back(ptr_);
    EntryBuilder e(context_, symbol("init"), i32_, types);
    Value* given = e.argument(3 + state_dims());
    Value* out = e.argument(4 + state_dims());
    e.return_unless_ok(e.call("thx_check_init", i32_, {given}));
    for (int i = 0; i < state_dims(); ++i)
      e.bind_dim(interface_.state_dims[static_cast<size_t>(i)], e.argument(3 + i), 0, 0);
    check_init_sizes(e);
    e.fail_when(e.ir().CreateICmpEQ(out, e.null()), kStatusNull, 0, 0);
    llvm::AllocaInst* zeros = e.stack(e.ir().getInt8Ty(), 32, 8);
    e.ir().CreateMemSet(zeros, e.ir().getInt8(0), 32, llvm::MaybeAlign(8));
    Value* options = e.ir().CreateSelect(e.ir().CreateICmpEQ(given, e.null()), zeros, given);
    Value* model = place_model(e, options);
    Value* bytes = e.extents().checked(interface_.state_bytes);
    e.ir().CreateMemSet(model, e.ir().getInt8(0), bytes, llvm::MaybeAlign(kAlign));
    if (context_.program.init) run_init(e, model, options);
    llvm::AllocaInst* dims = e.stack(i64_, std::max(1, state_dims()), 8);
    for (int i = 0; i < state_dims(); ++i)
      e.ir().CreateStore(e.argument(3 + i), e.at(dims, 8 * int64_t{i}));
    e.call("thx_model_seal", e.ir().getVoidTy(),
           {model, hash(e), bytes, dims, e.status(state_dims())});
    e.ir().CreateStore(model, out);
    e.ir().CreateRet(e.status(0));
  }

  void check_init_sizes(EntryBuilder& e) {
    for (const Field& field : interface_.fields) e.checked_bytes(field.type);
    e.extents().checked(interface_.state_bytes);
    e.extents().checked(interface_.init_workspace_bytes);
    if (context_.program.init) {
      e.check_sizes(context_.loops.functions.back());
      for (const Requirement& requirement : context_.program.init->requirements) {
        Value* left = e.extents().checked(requirement.left);
        Value* right = e.extents().checked(requirement.right);
        e.extents().note(requirement.kind == Requirement::Kind::equal
                             ? e.ir().CreateICmpNE(left, right)
                             : e.ir().CreateICmpSLT(left, right));
      }
    }
    e.fail_on_fault(0);
  }

  // Checks memory and workspace and returns where the model lies.
  Value* place_model(EntryBuilder& e, Value* options) {
    Value* bytes = e.extents().checked(interface_.state_bytes);
    llvm::AllocaInst* place = e.stack(ptr_, 1, 8);
    e.return_unless_ok(
        e.call("thx_model_place", i32_, {e.argument(1), e.argument(2), bytes, place}));
    Value* model = e.ir().CreateLoad(ptr_, place);
    Value* ws = load_option(e, options, kInitWorkspace, ptr_);
    Value* ws_bytes = e.ir().CreateSelect(e.ir().CreateICmpEQ(ws, e.null()), e.number(0),
                                          load_option(e, options, kInitWorkspaceBytes, i64_));
    RangeTable ranges(e, 2);
    ranges.add(model, bytes, kAlign, RangeTable::kWritten, 1);
    ranges.add(ws, e.extents().checked(interface_.init_workspace_bytes), kAlign,
               RangeTable::kWritten | RangeTable::kWorkspace | RangeTable::kOptional,
               3 + state_dims(), ws_bytes);
    ranges.check(0);
    return model;
  }

  void run_init(EntryBuilder& e, Value* model, Value* options) {
    const loop::Function& loops = context_.loops.functions.back();
    const Function& tensor = *context_.program.init;
    Value* ws = load_option(e, options, kInitWorkspace, ptr_);
    std::vector<Value*> buffers;
    for (const loop::FunctionBuffer& buffer : loops.buffers) {
      if (buffer.storage.kind == Storage::Kind::workspace) {
        buffers.push_back(e.at(ws, e.extents().place(buffer.storage.offset)));
        continue;
      }
      THX_CHECK(buffer.storage.kind == Storage::Kind::state, "initial values have state alone");
      const std::string& name = tensor.states[static_cast<size_t>(buffer.storage.index)].name;
      buffers.push_back(e.at(model, e.extents().place(field_named(name).offset)));
    }
    StepScope scope{.entry = e,
                    .function = loops,
                    .kernels = context_.kernels.back(),
                    .buffers = buffers,
                    .seed = load_option(e, options, kInitSeed, i64_),
                    .argument_of_input = [](int) { return 0; },
                    .sources = sources_,
                    .interface = context_.interface};
    emit_steps(scope, loops.checks);
    emit_steps(scope, loops.steps);
    emit_steps(scope, loops.commits);
  }

  const Field& field_named(const std::string& name) const {
    for (const Field& field : interface_.fields)
      if (field.name == name) return field;
    THX_UNREACHABLE("no state {}", name);
  }

  // (bytes, n, out)
  void emit_attach() {
    EntryBuilder e(context_, symbol("attach"), i32_, {ptr_, i64_, ptr_});
    Value* model = e.argument(1);
    e.return_unless_ok(
        e.call("thx_model_attach", i32_, {model, e.argument(2), hash(e), e.status(state_dims())}));
    e.bind_state_dims(model);
    Value* needed = e.extents().checked(interface_.state_bytes);
    Value* held = e.ir().CreateLoad(i64_, e.at(model, kModelBytes));
    e.extents().note(e.ir().CreateICmpNE(needed, held));
    e.fail_when(e.extents().take_fault(), kStatusAbi, 0, 0);
    e.fail_when(e.ir().CreateICmpEQ(e.argument(3), e.null()), kStatusNull, 0, 0);
    e.ir().CreateStore(model, e.argument(3));
    e.ir().CreateRet(e.status(0));
  }

  void emit_bytes() {
    EntryBuilder e(context_, symbol("bytes"), i64_, {ptr_});
    e.ir().CreateRet(e.ir().CreateLoad(i64_, e.at(e.argument(1), kModelBytes)));
  }

  void emit_dims() {
    for (size_t i = 0; i < interface_.state_dims.size(); ++i) {
      const Dim& dim = context_.program.dims[static_cast<size_t>(interface_.state_dims[i])];
      EntryBuilder e(context_, symbol("dim_" + dim.name), i64_, {ptr_});
      e.ir().CreateRet(e.ir().CreateLoad(
          i64_, e.at(e.argument(1), kModelHeaderBytes + 8 * static_cast<int64_t>(i))));
    }
  }

  // One function by two names: constness is the header's.
  void emit_accessors(const Field& field) {
    EntryBuilder e(context_, symbol(field.c_name), ptr_, {ptr_});
    e.bind_state_dims(e.argument(1));
    e.ir().CreateRet(e.at(e.argument(1), e.extents().plain(field.offset)));
    llvm::GlobalAlias::create(symbol(field.c_name) + "_const",
                              e.ir().GetInsertBlock()->getParent());
  }

  // get: (m, dst, ex); set: (m, src, ex)
  void emit_copy(const Field& field, bool get) {
    EntryBuilder e(context_, symbol((get ? "get_" : "set_") + field.c_name), i32_,
                   {ptr_, ptr_, ptr_});
    check_model(e, 3, 0);
    Value* inside = e.at(e.argument(1), e.place_in_model(e.argument(1), field.offset));
    Value* outside = e.argument(2);
    Value* bytes =
        e.extents().plain(element_count(field.type.shape) * Extent(bytes_of(field.type.dtype)));
    RangeTable ranges(e, 2);
    ranges.add(inside, bytes, 1, get ? 0 : RangeTable::kWritten, 1);
    ranges.add(outside, bytes, bytes_of(field.type.dtype), get ? RangeTable::kWritten : 0, 2);
    ranges.check(0);
    const llvm::MaybeAlign align(static_cast<uint64_t>(bytes_of(field.type.dtype)));
    e.ir().CreateMemCpy(get ? outside : inside, align, get ? inside : outside, align, bytes);
    e.ir().CreateRet(e.status(0));
  }

  // The table of thx_state_entry for save and load.
  Value* state_table(EntryBuilder& e) {
    const auto n = static_cast<int64_t>(interface_.fields.size());
    llvm::AllocaInst* table = e.stack(e.ir().getInt8Ty(), kEntryBytes * n, 8);
    int64_t row = 0;
    for (const Field& field : interface_.fields) {
      const int rank = field.type.rank();
      llvm::AllocaInst* extents = e.stack(i64_, std::max(1, rank), 8);
      for (int axis = 0; axis < rank; ++axis)
        e.ir().CreateStore(e.extents().plain(field.type.shape[static_cast<size_t>(axis)]),
                           e.at(extents, 8 * int64_t{axis}));
      auto put = [&](int64_t offset, Value* value) {
        e.ir().CreateStore(value, e.at(table, kEntryBytes * row + offset));
      };
      put(kEntryName, e.text(field.name));
      put(kEntryExtents, extents);
      put(kEntryOffset, e.extents().place(field.offset));
      put(kEntryElements, e.extents().plain(element_count(field.type.shape)));
      put(kEntryFileBegin, e.number(0));
      put(kEntryDtype, e.status(static_cast<int>(field.type.dtype)));
      put(kEntryRank, e.status(rank));
      put(kEntrySaved, e.status(field.saved ? 1 : 0));
      put(kEntrySeen, e.status(0));
      ++row;
    }
    return table;
  }

  // (m, write, user, ex)
  void emit_save() {
    EntryBuilder e(context_, symbol("save"), i32_, {ptr_, ptr_, ptr_, ptr_});
    check_model(e, 4, 0);
    e.fail_when(e.ir().CreateICmpEQ(e.argument(2), e.null()), kStatusNull, 2, 0);
    Value* table = state_table(e);
    e.fail_unless_ok(
        e.call("thx_state_save", i32_,
               {e.argument(1), table, e.status(static_cast<int>(interface_.fields.size())),
                e.text(interface_.module), e.argument(2), e.argument(3)}),
        0, 0);
    e.ir().CreateRet(e.status(0));
  }

  // (m, size, read, user, ex)
  void emit_load() {
    EntryBuilder e(context_, symbol("load"), i32_, {ptr_, i64_, ptr_, ptr_, ptr_});
    check_model(e, 5, kModelTorn);
    e.fail_when(e.ir().CreateICmpEQ(e.argument(3), e.null()), kStatusNull, 3, 0);
    Value* table = state_table(e);
    e.fail_unless_ok(
        e.call("thx_state_load", i32_,
               {e.argument(1), table, e.status(static_cast<int>(interface_.fields.size())),
                e.argument(2), e.argument(3), e.argument(4)}),
        0, 0);
    e.ir().CreateRet(e.status(0));
  }

  EntryContext& context_;
  const Interface& interface_;
  const Sources& sources_;
  llvm::LLVMContext& llvm_;
  llvm::Type* i32_;
  llvm::Type* i64_;
  llvm::Type* ptr_;
};

}  // namespace

void emit_model_functions(EntryContext& context, const Sources& sources) {
  if (context.interface.has_state()) ModelEmitter(context, sources).emit();
}

}  // namespace thx::codegen
